import Roost
import RoostTesting
import Shop
import Testing

@Suite("The rules of a customer")
struct CustomerTests {
    private let customer = DeciderSpec<Customer>(id: "17850")
    private let register = CustomerCommand.register(
        RegisterCustomer(email: .plain("ada@example.org"), address: Sample.address))

    @Test("A customer registers once")
    func registering() throws {
        try customer.when(register).then(
            .registered(
                CustomerRegistered(
                    customer: "customer/17850", email: .plain("ada@example.org"), address: Sample.address)))
        try customer.given(commands: register).when(register).thenRejected("registered already")
    }

    @Test("A registered customer moves; moving to the same address changes nothing")
    func moving() throws {
        let abroad = Address(name: .plain("Ada Byron"), country: "Norway")
        let move = CustomerCommand.changeAddress(ChangeAddress(address: abroad))
        try customer.when(move).thenRejected("not registered")
        try customer.given(commands: register).when(move).then(
            .addressChanged(AddressChanged(customer: "customer/17850", address: abroad)))
        try customer.given(commands: register, move).when(move).thenNothing()
    }

    @Test("An erased customer stays erased, and the number is not used again")
    func erased() throws {
        try customer.given(commands: register).when(.erase(EraseCustomer()))
            .then(.erased(CustomerErased(customer: "customer/17850")))
        let gone = try customer.given(commands: register, .erase(EraseCustomer()))
        #expect(gone.state.address == nil && gone.state.isErased)
        try gone.when(register).thenRejected("was erased")
        try gone.when(.erase(EraseCustomer())).thenNothing()
    }

    @Test("An address without a country is refused")
    func country() throws {
        let nowhere = Address(country: "")
        try customer.when(.register(RegisterCustomer(address: nowhere))).thenRejected("country")
        try customer.given(commands: register).when(.changeAddress(ChangeAddress(address: nowhere)))
            .thenRejected("country")
    }
}
