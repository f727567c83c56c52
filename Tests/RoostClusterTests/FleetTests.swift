import Testing

@testable import RoostCluster

@Suite("Fleet")
struct FleetTests {
    private func fleet() throws -> Fleet {
        Fleet(try Topology.load(file: Repository.file("topology/shop.yaml")).instances)
    }

    @Test("Writers are started first, the gateway last")
    func startOrder() throws {
        var fleet = try fleet()
        let names = fleet.startAll().map(\.name)
        #expect(names.prefix(3) == ["orders-0", "orders-1", "stock-0"])
        #expect(names.last == "gateway")
        #expect(names.count == 11)
    }

    @Test("A tier is asked to end only when the one before it is gone")
    func stopOrder() throws {
        var fleet = try fleet()
        _ = fleet.startAll()
        #expect(fleet.stopAll(at: .zero).map(\.name) == ["gateway"])
        #expect(fleet.tick(at: .seconds(1)).isEmpty)
        _ = fleet.ended("gateway", .code(0), at: .seconds(1))
        #expect(fleet.tick(at: .seconds(1)) == [Fleet.Step(name: "fulfilment", action: .terminate)])
        _ = fleet.ended("fulfilment", .signal(15), at: .seconds(1))
        #expect(fleet.tick(at: .seconds(1)).map(\.name) == ["partners"])
        _ = fleet.ended("partners", .signal(15), at: .seconds(1))
        #expect(fleet.tick(at: .seconds(1)).map(\.name) == ["dashboard", "analytics", "search", "traces"])
        #expect(!fleet.hasStopped)
    }

    @Test("Nothing is started again while the cluster stops")
    func noRestartWhileStopping() throws {
        var fleet = try fleet()
        _ = fleet.startAll()
        _ = fleet.ended("search", .code(1), at: .zero)
        #expect(fleet["search"]?.isInBackoff == true)
        _ = fleet.stopAll(at: .zero)
        #expect(fleet.ended("orders-0", .signal(9), at: .zero).isEmpty)
        #expect(fleet.tick(at: .seconds(5)).allSatisfy { $0.action != .spawn })
        #expect(fleet["search"]?.isAtRest == true && fleet["orders-0"]?.isAtRest == true)
    }

    @Test("A process that is not asked to end in time is killed once")
    func grace() throws {
        var fleet = try fleet()
        _ = fleet.startAll()
        _ = fleet.stopAll(at: .zero)
        #expect(fleet.deadline == .seconds(10))
        #expect(fleet.tick(at: .seconds(10)) == [Fleet.Step(name: "gateway", action: .kill)])
        #expect(fleet.tick(at: .seconds(11)).isEmpty)
    }

    @Test("A process in back-off says so, and starts when its pause is over")
    func backoff() throws {
        var fleet = try fleet()
        _ = fleet.startAll()
        #expect(fleet.ended("search", .code(1), at: .zero).isEmpty)
        #expect(fleet["search"]?.state.waitingFor == "restart 1 after a pause of 100ms")
        #expect(fleet.deadline == .milliseconds(100))
        #expect(fleet.tick(at: .milliseconds(99)).isEmpty)
        #expect(fleet.tick(at: .milliseconds(100)) == [Fleet.Step(name: "search", action: .spawn)])
        #expect(fleet["search"]?.state.restarts == 1)
    }

    @Test("A process that stops being ready is not shown as ready")
    func notReadyAgain() throws {
        var fleet = try fleet()
        _ = fleet.startAll()
        _ = fleet.update("search") {
            $0.heard(ProcessStatus(ready: true)); return nil
        }
        #expect(fleet["search"]?.state.state == .ready)
        _ = fleet.update("search") {
            $0.heard(ProcessStatus(ready: false, waitingFor: "its writers")); return nil
        }
        #expect(fleet["search"]?.state.state == .starting)
        #expect(fleet["search"]?.state.waitingFor == "its writers")
    }

    @Test("A restart asked for ends the process first and then starts it")
    func requestedRestart() throws {
        var fleet = try fleet()
        _ = fleet.startAll()
        let steps = fleet.update("search") { $0.restart(at: .zero) }
        #expect(steps == [Fleet.Step(name: "search", action: .terminate)])
        #expect(fleet.ended("search", .code(0), at: .zero) == [Fleet.Step(name: "search", action: .spawn)])
    }
}
