/// The tables of a partition file, version 3.
///
/// `events` has no index besides its position: each further one costs more than half of the write speed. What lookups
/// need instead is written in bulk, beside it: `heads` and `segments` every 65,536 events, `marks` every 128 versions.
enum Schema {
    static let version: UInt64 = 3
    static let pageBytes = 16_384
    /// Positions of one row of `segments`, and how often `heads` is brought up to date.
    static let segmentLength: UInt64 = 65_536
    /// Every so many versions of a stream a mark remembers the position.
    static let markInterval: UInt64 = 128

    /// `flags` holds the flags of the record in its low 16 bits and the content type in the next 16.
    static let tables = """
        CREATE TABLE log(
            one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL, log_id BLOB NOT NULL,
            partition INTEGER NOT NULL, archived_through INTEGER NOT NULL DEFAULT 0,
            heads_through INTEGER NOT NULL DEFAULT 0) STRICT;
        CREATE TABLE events(
            position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, previous INTEGER NOT NULL,
            epoch INTEGER NOT NULL, type TEXT NOT NULL, schema_version INTEGER NOT NULL, event_id BLOB NOT NULL,
            correlation BLOB NOT NULL, causation BLOB, command TEXT NOT NULL, fingerprint INTEGER NOT NULL,
            depth INTEGER NOT NULL, flags INTEGER NOT NULL, traceparent TEXT, subject TEXT,
            recorded INTEGER NOT NULL, occurred INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
        CREATE TABLE commits(
            last INTEGER PRIMARY KEY, first INTEGER NOT NULL, epoch INTEGER NOT NULL, recorded INTEGER NOT NULL,
            digest BLOB NOT NULL) STRICT;
        CREATE TABLE claims(
            epoch INTEGER PRIMARY KEY, process TEXT NOT NULL, incarnation BLOB NOT NULL,
            command_endpoint TEXT NOT NULL, publish_endpoint TEXT NOT NULL, claimed_at INTEGER NOT NULL) STRICT;
        CREATE TABLE heads(
            stream TEXT PRIMARY KEY, version INTEGER NOT NULL, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE marks(
            stream TEXT NOT NULL, version INTEGER NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (stream, version)) STRICT, WITHOUT ROWID;
        CREATE TABLE segments(
            first INTEGER PRIMARY KEY, last INTEGER NOT NULL, recorded_from INTEGER NOT NULL,
            recorded_to INTEGER NOT NULL, event_low BLOB NOT NULL, event_high BLOB NOT NULL,
            commands BLOB NOT NULL, correlations BLOB NOT NULL) STRICT;
        \(segmentTypes)
        \(archives)
        """

    /// Which events stand in archives. Their rows in `events` are deleted afterwards.
    static let archives = """
        CREATE TABLE archives(
            first INTEGER PRIMARY KEY, last INTEGER NOT NULL, recorded_from INTEGER NOT NULL,
            recorded_to INTEGER NOT NULL, place TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL,
            manifest_bytes INTEGER NOT NULL, manifest_digest TEXT NOT NULL) STRICT;
        """

    /// What each segment holds of each kind of event, and where the first of it stands.
    static let segmentTypes = """
        CREATE TABLE segment_types(
            segment INTEGER NOT NULL, type TEXT NOT NULL, schema_version INTEGER NOT NULL, first INTEGER NOT NULL,
            count INTEGER NOT NULL, PRIMARY KEY (segment, type, schema_version)) STRICT, WITHOUT ROWID;
        """

    /// What makes the log append-only, whoever opens the file. REPLACE deletes without a DELETE trigger, so what guards
    /// the inserts of a table stops it.
    static let triggers = order + rules

    /// Refuses every position but the next one. The owner's connection lets SQLite choose positions instead.
    private static let order = """
        CREATE TRIGGER events_in_order BEFORE INSERT ON events
            WHEN NEW.position IS NOT
                coalesce((SELECT max(position) FROM events), (SELECT archived_through FROM log)) + 1
            BEGIN SELECT RAISE(ABORT, 'an event goes to the position after the newest'); END;

        """

    /// What holds on every connection, the owner's too.
    private static let rules = """
        CREATE TRIGGER events_unchanged BEFORE UPDATE ON events
            BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
        CREATE TRIGGER events_kept BEFORE DELETE ON events
            WHEN OLD.position > (SELECT archived_through FROM log)
            BEGIN SELECT RAISE(ABORT, 'events are only deleted once they are archived'); END;
        CREATE TRIGGER newest_event_kept BEFORE DELETE ON events
            WHEN OLD.position <= (SELECT archived_through FROM log)
                AND OLD.position = (SELECT max(position) FROM events)
            BEGIN SELECT RAISE(ABORT, 'the newest event stays: new ones are numbered after it'); END;
        CREATE TRIGGER commits_unchanged BEFORE UPDATE ON commits
            BEGIN SELECT RAISE(ABORT, 'commits are never changed'); END;
        CREATE TRIGGER commits_kept BEFORE DELETE ON commits
            BEGIN SELECT RAISE(ABORT, 'commits are never deleted'); END;
        CREATE TRIGGER commits_in_order BEFORE INSERT ON commits
            WHEN NEW.first IS NOT coalesce((SELECT max(last) FROM commits), 0) + 1 OR NEW.last < NEW.first
            BEGIN SELECT RAISE(ABORT, 'a commit follows the newest'); END;
        CREATE TRIGGER claims_unchanged BEFORE UPDATE ON claims
            BEGIN SELECT RAISE(ABORT, 'claims are never changed'); END;
        CREATE TRIGGER claims_kept BEFORE DELETE ON claims
            BEGIN SELECT RAISE(ABORT, 'claims are never deleted'); END;
        CREATE TRIGGER claims_in_order BEFORE INSERT ON claims
            WHEN NEW.epoch IS NOT coalesce((SELECT max(epoch) FROM claims), 0) + 1
            BEGIN SELECT RAISE(ABORT, 'a claim gets the next epoch'); END;
        CREATE TRIGGER segments_unchanged BEFORE UPDATE ON segments
            BEGIN SELECT RAISE(ABORT, 'segments are never changed'); END;
        CREATE TRIGGER segments_kept BEFORE DELETE ON segments
            BEGIN SELECT RAISE(ABORT, 'segments are never deleted'); END;
        CREATE TRIGGER segment_types_unchanged BEFORE UPDATE ON segment_types
            BEGIN SELECT RAISE(ABORT, 'segments are never changed'); END;
        CREATE TRIGGER segment_types_kept BEFORE DELETE ON segment_types
            BEGIN SELECT RAISE(ABORT, 'segments are never deleted'); END;
        CREATE TRIGGER segment_types_in_order BEFORE INSERT ON segment_types
            WHEN NEW.segment IS NOT (SELECT max(first) FROM segments)
                OR EXISTS (SELECT 1 FROM segment_types WHERE segment = NEW.segment AND type = NEW.type
                    AND schema_version = NEW.schema_version)
            BEGIN SELECT RAISE(ABORT, 'segments are never changed'); END;
        CREATE TRIGGER segments_in_order BEFORE INSERT ON segments
            WHEN NEW.first IS NOT coalesce((SELECT max(last) FROM segments), 0) + 1
            BEGIN SELECT RAISE(ABORT, 'a segment follows the newest'); END;
        CREATE TRIGGER log_alone BEFORE INSERT ON log
            WHEN EXISTS (SELECT 1 FROM log)
            BEGIN SELECT RAISE(ABORT, 'a log keeps its identity'); END;
        CREATE TRIGGER log_kept BEFORE DELETE ON log
            BEGIN SELECT RAISE(ABORT, 'a log keeps its identity'); END;
        CREATE TRIGGER log_identity BEFORE UPDATE ON log
            WHEN NEW.format IS NOT OLD.format OR NEW.log_id IS NOT OLD.log_id OR NEW.partition IS NOT OLD.partition
                OR NEW.archived_through < OLD.archived_through
            BEGIN SELECT RAISE(ABORT, 'a log keeps its identity, and its archive only grows'); END;
        CREATE TRIGGER log_archived BEFORE UPDATE ON log
            WHEN NEW.archived_through > OLD.archived_through
                AND (NEW.archived_through IS NOT (SELECT max(last) FROM archives)
                    OR NEW.archived_through > NEW.heads_through
                    OR NEW.archived_through >= coalesce((SELECT max(last) FROM segments), 0))
            BEGIN SELECT RAISE(ABORT, 'archived is what archives hold and the tables have taken in'); END;
        CREATE TRIGGER archives_unchanged BEFORE UPDATE ON archives
            BEGIN SELECT RAISE(ABORT, 'archives are never changed'); END;
        CREATE TRIGGER archives_kept BEFORE DELETE ON archives
            BEGIN SELECT RAISE(ABORT, 'archives are never deleted'); END;
        CREATE TRIGGER archives_in_order BEFORE INSERT ON archives
            WHEN NEW.first IS NOT coalesce((SELECT max(last) FROM archives), 0) + 1
                OR NOT EXISTS (SELECT 1 FROM commits WHERE last = NEW.last)
            BEGIN SELECT RAISE(ABORT, 'an archive follows the newest and ends with a commit'); END;
        """

    /// The rules once more, for a connection on which the triggers of the file are off.
    static let rulesOfOwner = rules.replacing("CREATE TRIGGER", with: "CREATE TEMP TRIGGER")

    /// In the order in which `PageBuilder` reads them.
    static let eventColumns = """
        position, stream, version, previous, epoch, type, schema_version, event_id, correlation, causation, command, \
        fingerprint, depth, flags, traceparent, subject, recorded, occurred, payload
        """

    /// The same without payloads, for looking at what the rest says.
    static let bareColumns = eventColumns.dropLast("payload".count) + "x''"

    /// Without the position: SQLite gives a new row the one after the newest.
    static let appendedColumns = eventColumns.dropFirst("position, ".count)
}
