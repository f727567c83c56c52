import Foundation
import Instrumentation
import Logging
public import RoostCluster
import RoostCore
import RoostFaults
import RoostLog
public import RoostNode
import RoostTelemetry
import RoostTrace
import RoostVault
import ServiceLifecycle
import UnixSignals

/// Runs one process of a cluster until it is told to stop: by a signal, or by the end of its life pipe.
public struct ProcessRun: Sendable {
    /// What makes a gateway work: given by the target that knows HTTP.
    public typealias GatewayBody = @Sendable (_ setting: ProcessSetting) async throws -> Void

    private let instance: String
    private let arguments: [String]
    private let directory: ClusterDirectory
    private let domain: Domain
    private let gateway: GatewayBody

    /// `instance` is a name of the topology, or `NAME@rebuild`; `arguments` are for such a task.
    public init(
        instance: String, arguments: [String] = [], directory: ClusterDirectory, domain: Domain,
        gateway: @escaping GatewayBody
    ) {
        self.instance = instance
        self.arguments = arguments
        self.directory = directory
        self.domain = domain
        self.gateway = gateway
    }

    /// Returns the exit code: 0 after an orderly stop; otherwise the reason is on the status channel and in the log.
    public func run() async -> Int32 {
        #if ROOST_MUTANTS
            ProcessInfo.processInfo.environment["ROOST_MUTANT"].flatMap { Mutant(rawValue: $0) }?.plant()
        #endif
        let logger = Logger(label: instance) {
            StreamLogHandler.standardError(label: $0, metadataProvider: .correlation)
        }
        if instance == ProcessInstance.proxy.name { return runProxy(logger) }
        let faults: ProcessFaults
        do { faults = try ProcessFaults(instance, directory) } catch {
            return fail(error, StatusReporter(), logger)
        }
        let reporter = StatusReporter(
            counting: { faults.counters }, observer: { StatusLog(logger: logger).note($0, $1) })
        do {
            let setting = try ProcessSetting(
                instance: instance, arguments: arguments, directory: directory, domain: domain, reporter: reporter,
                logger: logger)
            let service = RoleService(setting: setting, gateway: gateway)
            let group = ServiceGroup(
                configuration: .init(
                    services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            logger.info("started")
            LifePipe.watch(onOrder: { Self.take($0, setting, faults) }) { [stop = setting.stop] in stop.request() }
            try await group.run()
            logger.info("stopped")
            return 0
        } catch {
            return fail(error, reporter, logger)
        }
    }

    /// Until the supervisor ends it, or is gone.
    private func runProxy(_ logger: Logger) -> Int32 {
        let reporter = StatusReporter()
        do {
            try FaultProxy(directory, reporter).run()
            return 0
        } catch {
            return fail(error, reporter, logger)
        }
    }

    private static func take(_ order: ProcessOrder, _ setting: ProcessSetting, _ faults: ProcessFaults) {
        guard order == .faults else { return setting.orders.take(order) }
        do {
            try faults.refresh()
            setting.reporter.update { _ in }
        } catch {
            setting.logger.warning("faults cannot be read", metadata: [LogKey.reason.rawValue: "\(error)"])
        }
    }

    private func fail(_ error: any Error, _ reporter: StatusReporter, _ logger: Logger) -> Int32 {
        ServiceContext.withCorrelation((error as? ReaderFailure)?.correlationID) {
            logger.critical("process failed", metadata: [LogKey.reason.rawValue: "\(error)"])
        }
        reporter.update {
            $0.ready = false
            $0.reason = "\(error)"
        }
        return Self.exitCode(of: error)
    }

    /// Whether another start would help: 1 when it may, 70 when what the process needs is broken, 78 when it is told
    /// the wrong thing.
    static func exitCode(of error: any Error) -> Int32 {
        switch error {
        case is TopologyError, is SchemaError, is OTLPSettingError: ProcessExit.badConfiguration
        case is ReaderFailure, is KeyError, is VaultError: ProcessExit.broken
        case let error as EventLogError where permanent.contains(error.code): ProcessExit.broken
        default: 1
        }
    }

    private static let permanent: [EventLogError.Code] = [.fenced, .corrupt, .missing, .mismatch]
}
