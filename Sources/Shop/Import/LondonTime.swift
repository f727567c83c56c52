import Roost

/// Turns wall-clock time in Europe/London into UTC by the rule in force since 1996: summer time (UTC+1) from the last
/// Sunday of March, 01:00 UTC, to the last Sunday of October, 01:00 UTC.
///
/// The hour that does not exist in March is read as winter time; the one that exists twice in October as the first.
enum LondonTime {
    /// Accepts `MM-DD-YYYY HH:MM`; nil for anything else and for days that do not exist.
    static func utc(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let date = numbers(parts[0], "-", [2, 2, 4]), let time = numbers(parts[1], ":", [2, 2])
        else { return nil }
        let (month, day, year) = (date[0], date[1], date[2])
        guard let wall = moment(year, month, day, time[0], time[1]), isDay(day, month, year) else { return nil }
        guard let spring = lastSundayAtTwo(year, 3), let autumn = lastSundayAtTwo(year, 10) else { return nil }
        return spring <= wall && wall < autumn ? wall + .seconds(-3600) : wall
    }

    private static func numbers(_ text: Substring, _ separator: Character, _ widths: [Int]) -> [Int]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == widths else { return nil }
        let numbers = parts.compactMap { part in part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil }
        return numbers.count == widths.count ? numbers : nil
    }

    private static func isDay(_ day: Int, _ month: Int, _ year: Int) -> Bool {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...12).contains(month) && (1...days[month - 1]).contains(day)
    }

    /// The wall-clock time as if it were UTC.
    private static func moment(_ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int) -> Timestamp? {
        Timestamp("\(padded(year, 4))-\(padded(month))-\(padded(day))T\(padded(hour)):\(padded(minute)):00Z")
    }

    private static func padded(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// Both months have 31 days, and at 02:00 on the wall the clocks have just gone forward or just go back.
    private static func lastSundayAtTwo(_ year: Int, _ month: Int) -> Timestamp? {
        guard let last = moment(year, month, 31, 2, 0) else { return nil }
        let days = Int(last.nanoseconds / 86_400_000_000_000)
        let daysSinceSunday = (days + 4) % 7  // 1970-01-01 was a Thursday.
        return last + .seconds(-86_400 * max(0, daysSinceSunday))
    }
}
