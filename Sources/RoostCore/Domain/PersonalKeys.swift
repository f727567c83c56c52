/// Seals the personal data of events before they are stored, and opens it for who reads them.
///
/// In the JSON of a payload, `{"plain": value}` becomes `{"sealed": text}` and back; once the subject is erased, it becomes
/// `{"erased": true}`, for ever.
package protocol PersonalKeys: Sendable {
    /// The payload with every `Personal` value sealed by a key of the subject; nil when it has none. Throws `Rejection` for a
    /// subject that is erased, and for personal data without a subject.
    func seal(_ payload: UnsafeRawBufferPointer, of subject: String?, in event: EventID) throws -> [UInt8]?
    /// The payload with everything sealed opened or marked as erased; nil when nothing in it is sealed. Throws for what was
    /// altered, or moved from another event or field, and when the key is missing.
    func open(_ payload: UnsafeRawBufferPointer, in event: EventID) throws -> [UInt8]?
    /// Makes every key durable that was used since the last call: before the events that need it.
    func persist() throws
}
