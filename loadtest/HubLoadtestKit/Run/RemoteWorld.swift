import HubJSON
import HubScene
import HubServer

/// The world that a server serves, as any client gets it.
enum RemoteWorld {
  private struct Hub: Decodable {
    struct World: Decodable { var url: String }
    var world: World
  }

  static func fetch(_ server: ServerAddress) throws(LoadtestError) -> World {
    let hub: Hub
    let page = server.page("/api/hub")
    do {
      hub = try JSON.decode(Hub.self, from: try HTTPFetch.get(page), limits: .file)
    } catch let error as FetchError {
      throw LoadtestError("the server is not there: \(error)")
    } catch {
      throw LoadtestError("\(page) is no hub: \(error)")
    }
    guard hub.world.url.hasPrefix("/") else { throw LoadtestError("\(page): the world's url is not a path") }
    let address = server.page(hub.world.url)
    do {
      return try WorldLoader.world(fromText: try HTTPFetch.get(address), name: address.description)
    } catch {
      throw LoadtestError("the server's world can't be read: \(error)")
    }
  }
}
