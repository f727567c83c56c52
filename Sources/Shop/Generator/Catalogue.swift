/// What the generated shop sells, and to whom. Invented.
enum Catalogue {
    struct Article {
        let sku: String
        let description: String
        /// In pence.
        let price: Int
    }

    struct Place {
        let country: String
        let cities: [String]
    }

    /// Best sellers first.
    static let articles: [Article] = {
        let colours = ["RED", "BLUE", "IVORY", "GREEN"]
        let things: [(name: String, price: Int)] = [
            ("ENAMEL MUG", 425), ("WOODEN STAR DECORATION", 85), ("CANVAS TOTE BAG", 595), ("TEA LIGHT HOLDER", 145),
            ("PAPER BUNTING 3M", 325), ("TIN OF 12 PENCILS", 210), ("CERAMIC HEART BOWL", 375), ("CAKE STAND", 1295),
            ("HOT WATER BOTTLE", 495), ("WALL CLOCK", 1650), ("SET OF 4 NAPKINS", 295), ("RETRO LUNCH BOX", 255),
            ("GARDEN LANTERN", 850), ("JAM JAR LABELS", 65), ("KNITTED TEA COSY", 775),
        ]
        return colours.enumerated().flatMap { shade, colour in
            things.enumerated().map { place, thing in
                Article(
                    sku: "\(21_000 + place * 7)\(["", "A", "B", "C"][shade])", description: "\(colour) \(thing.name)",
                    price: thing.price + shade * 20)
            }
        }
    }()

    static let home = Place(
        country: "United Kingdom",
        cities: ["London", "Leeds", "Bristol", "Glasgow", "Cardiff", "York", "Norwich", "Belfast"])
    static let abroad = [
        Place(country: "Germany", cities: ["Hamburg", "Leipzig", "Köln"]),
        Place(country: "France", cities: ["Lyon", "Nantes", "Orléans"]),
        Place(country: "Norway", cities: ["Bergen", "Tromsø"]),
        Place(country: "Netherlands", cities: ["Utrecht", "Delft"]),
        Place(country: "Spain", cities: ["Sevilla", "Málaga"]),
    ]
    static let firstNames = [
        "Ada", "Bilal", "Chloe", "Dmitri", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jonas", "Keiko", "Liam", "Mara",
        "Nils", "Oona", "Priya", "Quentin", "Rosa", "Samir", "Tess",
    ]
    static let lastNames = [
        "Abbott", "Brandt", "Chowdhury", "Dubois", "Eriksen", "Fraser", "García", "Hughes", "Ivanova", "Jansen",
        "Kowalski", "Larsen", "Murphy", "Novak", "O'Neill", "Patel", "Quinn", "Rossi", "Smith", "Taylor",
    ]
    static let streets = ["High Street", "Mill Lane", "Station Road", "Church Row", "Park Avenue", "Quay Side"]
}
