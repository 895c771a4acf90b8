/// A fixed-size column of plain values: one allocation for life, spans as the way in.
@safe public struct Column<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline let base: UnsafeMutablePointer<Element>
  public let count: Int

  public init(repeating value: Element, count: Int) {
    precondition(count > 0)
    unsafe base = .allocate(capacity: count)
    unsafe base.initialize(repeating: value, count: count)
    self.count = count
  }

  deinit { unsafe base.deallocate() }

  @inlinable public subscript(_ index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count)
      return unsafe base[index]
    }
    set {
      precondition(index >= 0 && index < count)
      unsafe base[index] = newValue
    }
  }

  @inlinable public var span: Span<Element> {
    @_lifetime(borrow self) borrowing get {
      unsafe _overrideLifetime(Span(_unsafeStart: base, count: count), borrowing: self)
    }
  }

  @inlinable public var mutableSpan: MutableSpan<Element> {
    @_lifetime(&self) mutating get {
      unsafe _overrideLifetime(MutableSpan(_unsafeStart: base, count: count), mutating: &self)
    }
  }
}

extension Column {
  /// A longer column that begins with the values of `other`: for tables that grow outside a steady tick.
  public init(_ other: borrowing Column, extendedTo count: Int, with value: Element) {
    precondition(count >= other.count)
    self.init(repeating: value, count: count)
    unsafe base.update(from: other.base, count: other.count)
  }
}
