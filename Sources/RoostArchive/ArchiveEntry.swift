package import RoostCore

/// What the log keeps about one archive: where it is, and what proves it.
package struct ArchiveEntry: Codable, Hashable, Sendable {
    package let first: Position
    package let last: Position
    package let recordedFrom: Timestamp
    package let recordedTo: Timestamp
    /// A directory or an S3 address, as `ArchivePlaces` reads it.
    package let place: String
    /// Of the events, below the place.
    package let name: String
    package let bytes: Int
    package let manifestBytes: Int
    /// Of the manifest, as hexadecimal digits. It holds the digests of the events.
    package let manifestSHA256: String

    package init(_ file: ArchiveFile, place: String) {
        let manifest = file.manifest.archive
        (first, last) = (manifest.first, manifest.last)
        (recordedFrom, recordedTo) = (manifest.recordedFrom, manifest.recordedTo)
        self.place = place
        name = ArchiveName.events(manifest)
        bytes = manifest.bytes
        manifestBytes = file.manifestBytes.count
        manifestSHA256 = ArchiveDigest.of(file.manifestBytes)
    }

    package init(
        first: Position, last: Position, recordedFrom: Timestamp, recordedTo: Timestamp, place: String, name: String,
        bytes: Int, manifestBytes: Int, manifestSHA256: String
    ) {
        (self.first, self.last) = (first, last)
        (self.recordedFrom, self.recordedTo) = (recordedFrom, recordedTo)
        (self.place, self.name) = (place, name)
        (self.bytes, self.manifestBytes, self.manifestSHA256) = (bytes, manifestBytes, manifestSHA256)
    }

    /// The same archive in another place.
    package init(_ entry: ArchiveEntry, place: String) {
        self.init(
            first: entry.first, last: entry.last, recordedFrom: entry.recordedFrom, recordedTo: entry.recordedTo,
            place: place, name: entry.name, bytes: entry.bytes, manifestBytes: entry.manifestBytes,
            manifestSHA256: entry.manifestSHA256)
    }

    package var events: UInt64 { last.rawValue - first.rawValue + 1 }
    package var manifestName: String { ArchiveName.manifest(ofEvents: name) }
}

/// Where the files of an archive stand below their place: a directory for each partition and day, as tools expect it.
package enum ArchiveName {
    private static let suffix = ".jsonl.gz"

    /// `partition=0/date=2026-11-26/1-65536.jsonl.gz`, the day in UTC on which the first event was recorded.
    static func events(_ manifest: ArchiveOutline) -> String {
        "partition=\(manifest.partition)/date=\(day(manifest.recordedFrom))/\(manifest.first)-\(manifest.last)\(suffix)"
    }

    /// Tools leave out files whose names begin with an underscore.
    package static func manifest(ofEvents name: String) -> String {
        let parts = name.split(separator: "/")
        let file = "_" + (parts.last?.dropLast(suffix.count) ?? "") + ".manifest.json.gz"
        return (parts.dropLast().map(String.init) + [file]).joined(separator: "/")
    }

    package static func day(_ time: Timestamp) -> String { String(time.description.prefix { $0 != "T" }) }
}
