import Roost
import Shop

/// The demo shop with the whole command line.
@main struct ShopCommand: RoostApp {
    static var domain: Domain { ShopDomain.domain }
}
