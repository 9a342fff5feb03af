// Paths are `FilePath` everywhere: from the system on Apple platforms, from swift-system elsewhere.
#if canImport(System)
  @_exported public import System
#else
  @_exported public import SystemPackage
#endif
