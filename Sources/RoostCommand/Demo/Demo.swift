import Foundation

/// The whole story in one go: start, load, trace, kill, catch up, rebuild, count, stop. Every step is an ordinary
/// command, shown with its real output; whatever happens, the cluster is stopped.
struct Demo {
    private static let customer =
        #"{"email":"ada@example.org","address":{"name":"Ada Byron","street":"1 Mill Lane","country":"United Kingdom"}}"#
    private static let order = """
        {"customer":"customer/17850","address":{"name":"Ann Example","country":"United Kingdom"},"lines":[\
        {"sku":"85123A","description":"WHITE HANGING HEART T-LIGHT HOLDER","quantity":6,"unitPrice":255},\
        {"sku":"71053","description":"WHITE METAL LANTERN","quantity":2,"unitPrice":339}]}
        """

    private let topology: String
    private let home: String
    private let roost: RoostTool

    /// `demo [TOPOLOGY]`; returns the exit code.
    static func main(_ arguments: [String]) -> Int32 {
        if let word = arguments.first, word.hasPrefix("-") {
            Narration.line(
                "roost demo [TOPOLOGY]: starts a cluster, loads orders (those of the file in ROOST_DEMO_DATA, or generated "
                    + "ones), follows one, kills and rebuilds a projection, checks the numbers, stops everything")
            return word == "-h" || word == "--help" ? 0 : 64
        }
        let begin = ContinuousClock.now
        let home = NSTemporaryDirectory() + "roost-demo-\(ProcessInfo.processInfo.processIdentifier)"
        do {
            let demo = Demo(
                topology: arguments.first ?? "topology/shop.yaml", home: home, roost: try RoostTool(home: home))
            try demo.run()
            try FileManager.default.removeItem(atPath: home)
            let (seconds, attoseconds) = (ContinuousClock.now - begin).components
            Narration.title(
                "Done in \(seconds).\(attoseconds / 100_000_000_000_000_000) s, no process and no file left")
            Narration.line("next: the tour in README.md, which begins with: roost up topology/shop.yaml -d --wait")
            return 0
        } catch {
            Narration.line("the demo failed: \(error)\nits cluster's logs are under \(home)")
            return 1
        }
    }

    private func run() throws {
        DemoInterruption.watch()
        do {
            try play()
        } catch {
            stopQuietly()
            throw error
        }
    }

    private func play() throws {
        Narration.title("A cluster of eleven processes")
        try roost.show(["up", topology, "-d", "--wait", "--fresh"])
        try load()
        Narration.title("One order, followed through the processes")
        try roost.show(["send", "PlaceOrder", Self.order, "--to", "order/demo", "--wait-for", "search"])
        try roost.show(["wait", "--for", "caught-up"])
        try roost.show(["trace", "--last"])
        Narration.title("When did it become shipped, and why? What was it before?")
        try roost.show(["history", "order/demo", "--field", "status"])
        try roost.show(["state", "order/demo", "--version", "1"])
        try killUnderLoad()
        Narration.title("Rebuild search from the first event, beside the live one")
        try roost.show(["rebuild", "search"])
        try erase()
        Narration.title("Do the numbers agree?")
        try Balance(roost: roost, directory: "\(home)/shop").check()
        try roost.show(["projections"])
        try roost.show(["log", "verify"])
        try stop()
    }

    /// A customer with orders in the log, known by name, is forgotten.
    private func erase() throws {
        Narration.title("A customer wants to be forgotten")
        try roost.show(["send", "RegisterCustomer", Self.customer, "--to", "customer/17850", "--wait-for", "search"])
        try roost.show(["query", "search", "text", "text=byron"])
        try roost.show(["erase", "customer/17850", "--yes"])
        try roost.show(["wait", "--for", "caught-up"])
        try roost.show(["query", "search", "text", "text=byron"])
        try roost.show(["history", "customer/17850"])
        let rows = try roost.document(["query", "search", "text", "text=byron"])["rows"] as? [Any]
        guard rows?.isEmpty == true else { throw RoostTool.Failed(description: "the customer is still found") }
    }

    private func load() throws {
        let file = ProcessInfo.processInfo.environment["ROOST_DEMO_DATA"] ?? ""
        let source = file.isEmpty ? ["--generate", "2000", "--seed", "7"] : [file]
        Narration.title("Load \(file.isEmpty ? "2000 generated orders" : "the orders of a file")")
        try roost.show(["load"] + source)
        try roost.show(["wait", "--for", "caught-up", "--timeout", "5m"])
    }

    private func killUnderLoad() throws {
        Narration.title("Kill search with SIGKILL while orders come in")
        let before = try events()
        // The same seed with more orders: those that were loaded before are accepted and change nothing.
        let arguments = ["load", "--generate", "6000", "--seed", "7"]
        Narration.command(arguments + ["&"])
        let load = try roost.start(arguments, output: FileHandle.nullDevice)
        while try events() < before + 200, load.isRunning {}
        try roost.show(["kill", "search", "--signal", "KILL"])
        try roost.show(["projections"])
        load.waitUntilExit()
        try roost.check(load, arguments, 0)
        try roost.show(["wait", "--for", "ready"])
        try roost.show(["wait", "--for", "caught-up", "--timeout", "5m"])
        try roost.show(["projections"])
        try roost.show(["ps"])
    }

    /// Events in the log now.
    private func events() throws -> Int {
        try roost.document(["log", "info"])["events"] as? Int ?? 0
    }

    private func stop() throws {
        Narration.title("Stop")
        try DemoInterruption.check()
        let processes = try roost.document(["ps"])["processes"] as? [[String: Any]] ?? []
        try roost.show(["down"])
        let left = processes.compactMap { $0["pid"] as? Int }.filter { kill(pid_t($0), 0) == 0 }
        guard left.isEmpty else { throw RoostTool.Failed(description: "processes are left: \(left)") }
    }

    /// After a failure: the reason is known already, so what `down` says does not matter.
    private func stopQuietly() {
        do {
            let process = try roost.start(["down"], output: FileHandle.nullDevice)
            process.waitUntilExit()
        } catch {
            Narration.line("could not stop the cluster: \(error)")
        }
    }
}
