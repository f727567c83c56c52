import Crypto
import GRDB
import GRDBSQLite

enum P { static func x() { _ = sqlite3_libversion() } }
