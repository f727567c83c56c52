import Subprocess
import Yams

enum C {}
