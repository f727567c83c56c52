package import RoostCluster
package import RoostZeroMQ

/// The keys of a cluster whose sockets are TCP ports. With socket files nobody needs any.
package enum ClusterKeys {
    /// Makes what is missing: a key of the cluster, one for each process, and one for the command line.
    package static func prepare(_ directory: ClusterDirectory, _ topology: Topology) throws(KeyError) {
        try keys(directory, topology)?.prepare(clients: topology.instances.map(\.name) + [KeyDirectory.commandLine])
    }

    static func server(_ setting: ProcessSetting) throws(KeyError) -> SocketSecurity {
        try keys(setting.directory, setting.topology)?.server() ?? .none
    }

    /// `name` is the process's own, or the one it works for.
    static func client(_ setting: ProcessSetting, as name: String) throws(KeyError) -> SocketSecurity {
        try keys(setting.directory, setting.topology)?.client(name) ?? .none
    }

    private static func keys(_ directory: ClusterDirectory, _ topology: Topology) -> KeyDirectory? {
        topology.bus.transport == .tcp ? KeyDirectory(path: directory.keys) : nil
    }
}
