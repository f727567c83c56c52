import Foundation
import Roost
import Shop

/// The demo shop with the whole command line.
struct ShopCommand: RoostApp {
    static var domain: Domain { ShopDomain.domain }
}

/// `roost demo` shows everything at once; all else is the command line.
@main enum Main {
    static func main() async {
        guard CommandLine.arguments.dropFirst().first == "demo" else { return await ShopCommand.main() }
        exit(Demo.main(Array(CommandLine.arguments.dropFirst(2))))
    }
}
