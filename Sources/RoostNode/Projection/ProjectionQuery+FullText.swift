extension ProjectionQuery {
    /// The right side of `MATCH` for the named parameter as a person types it: every word must occur, or a word that
    /// begins with it. Nothing a person can type is a syntax error.
    ///
    ///     SELECT … FROM words WHERE words MATCH \(ProjectionQuery.allWords(":text"))
    public static func allWords(_ parameter: String) -> String {
        #"('"' || replace(replace(trim(\#(parameter)), '"', '""'), ' ', '"* "') || '"*')"#
    }
}
