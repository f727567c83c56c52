import RoostCore

/// Numbers as reports show them.
enum Numbers {
    /// `1.5 s`
    static func seconds(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10)) s"
    }

    static func seconds(_ seconds: Double?) -> String { seconds.map { self.seconds($0) } ?? "-" }

    /// `2026-11-26 21:19:18 UTC`
    static func moment(_ time: Timestamp) -> String {
        "\(time)".prefix(19).replacing("T", with: " ") + " UTC"
    }

    /// At most two digits after the point, for places in a picture.
    static func place(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return "\(Double(hundredths) / 100)"
    }
}
