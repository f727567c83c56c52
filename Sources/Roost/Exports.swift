@_exported public import RoostCore
@_exported public import RoostLog
@_exported public import RoostNode
@_exported public import RoostTrace
