/// One figure beside its limit. Several rounds: the ratio is the median of the ratios of single rounds, as only
/// figures of the same moment can be compared.
struct Row: Encodable {
    let name: String
    let unit: String
    let value: Double
    /// What the limit is.
    let limitName: String?
    let limit: Double?
    let ratio: Double?
    let lowestRatio: Double?
    let highestRatio: Double?
    /// The ratio asked for.
    let target: Double?
    let isMet: Bool?

    init(
        _ name: String, unit: String, _ values: [Double], limit limits: [Double], of limitName: String, target: Double?
    ) {
        self.name = name
        self.unit = unit
        self.limitName = limitName
        self.target = target
        value = Measure.median(values)
        limit = Measure.median(limits)
        let ratios = zip(values, limits).map { $0 / $1 }
        let ratio = Measure.median(ratios)
        self.ratio = ratio
        lowestRatio = ratios.min()
        highestRatio = ratios.max()
        isMet = target.map { ratio >= $0 }
    }

    /// A figure without a limit.
    init(_ name: String, unit: String, _ value: Double) {
        self.name = name
        self.unit = unit
        self.value = value
        (limitName, limit, ratio, lowestRatio, highestRatio, target, isMet) = (nil, nil, nil, nil, nil, nil, nil)
    }
}
