import Hummingbird

enum W {}
