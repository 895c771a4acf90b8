import HubEngine
import HubKernel
import HubWire

extension HubShell {
  /// A ticket is renewed so often, and with every change of space.
  static let ticketTicks = Tick(5 * Units.ticksPerSecond)

  /// The newest ticket of a session, behind what waits for its client.
  func giveTicket(_ link: Int, _ session: SessionID) {
    table.links[link].ticketTick = now
    let expires = WallClock.unixMilliseconds() + TicketOffice.lifeMs
    guard let ticket = engine.ticket(of: session, expiresUnixMs: expires), let text = tickets.seal(ticket)
    else {
      return
    }
    var json = JSONWriter(type: "ticket")
    json.field("resume", text)
    enqueue(link, json.end())
  }

  /// The ticket somebody shows with their `hello`; nil: none, or none that counts.
  func openTicket(_ text: String?, _ link: Int) -> SessionTicket? {
    guard let text, !text.isEmpty else { return nil }
    switch tickets.open(text, nowUnixMs: WallClock.unixMilliseconds(), knows: engine.knows) {
    case .good(let ticket):
      table.links[link].cameWith = ticket
      return ticket
    case .refused(let why):
      metrics.refused("ticket-\(why.rawValue)")
      if why != .expired { gate.failed(place: link, nowMs: nowMs) }
      return nil
    }
  }

  /// The client spoke over the connection that its ticket opened.
  func spendTicket(_ link: Int) {
    guard let ticket = table.links[link].cameWith else { return }
    table.links[link].cameWith = nil
    note { try tickets.spend(ticket, nowUnixMs: WallClock.unixMilliseconds()) }
  }

  func voidTickets(_ secret: ResumeSecret) {
    note { try tickets.void(secret, nowUnixMs: WallClock.unixMilliseconds()) }
  }

  /// A used ticket that can't be written down is void in this process all the same; the operator sees it counted.
  private func note(_ write: () throws -> Void) {
    do { try write() } catch { metrics.refused("ticket-not-noted") }
  }
}
