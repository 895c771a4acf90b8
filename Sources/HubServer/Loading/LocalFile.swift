import Glibc

/// Reading whole files, and what their bytes are.
enum LocalFile {
  /// Why a file could not be read, in words for people.
  struct Failure: Error { var reason: String }

  /// All bytes of a regular file of at most `bytesMax` bytes.
  static func read(_ path: String, bytesMax: Int) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(reason: describe(errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Failure(reason: describe(errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw Failure(reason: "not a regular file") }
    guard status.st_size <= bytesMax else {
      throw Failure(reason: "\(status.st_size) bytes, expected at most \(bytesMax)")
    }
    // The file may change while it is read: one byte of room shows growth.
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(reason: describe(errno)) }
      if count == 0 { break }
      filled += count
    }
    guard filled < bytes.count else { throw Failure(reason: "grows while it is read") }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  /// A path as seen from the folder of another file.
  static func resolve(_ path: String, besideFile file: String) -> String {
    path.hasPrefix("/") ? path : folder(of: file) + path
  }

  /// With the slash; empty for a bare name.
  static func folder(of file: String) -> String {
    guard let slash = file.lastIndex(of: "/") else { return "" }
    return String(file[...slash])
  }

  private static func describe(_ code: Int32) -> String {
    // The XSI form: it fills the buffer and is safe with threads, as strerror is not.
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
