import Histogram

@main enum Main { static func main() {} }
