public import RoostNode

/// An application with its whole command line: `up`, `send`, `trace`, `rebuild` and all the rest.
///
///     @main struct MyShop: RoostApp {
///         static var domain: Domain { Domain(name: "my-shop", aggregates: [Order.self]) }
///     }
///
/// Every process of a cluster is started from the same executable, so this is all an application needs.
public protocol RoostApp {
    /// What the processes of a cluster run.
    static var domain: Domain { get }
}

extension RoostApp {
    /// Runs the command line and ends the process with the exit code that the documentation promises.
    @concurrent
    public static func main() async {
        await CommandLineRunner(domain: domain).run(Array(CommandLine.arguments.dropFirst()))
    }
}
