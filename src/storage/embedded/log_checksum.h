// The checksum of the log's records by the processor's own instructions. Debian builds RocksDB for
// every x86-64 processor, so it does without, and its checksums then cost more than anything else
// in a post of many messages.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names
/// What RocksDB calls instead of its own function; the linker sees to that (`--wrap`). The CRC-32C
/// of all bytes so far, given that of those before `data`. Thread-safe.
std::uint32_t __wrap__ZN7rocksdb6crc32c6ExtendEjPKcm(std::uint32_t before, const char* data,
                                                     std::size_t size);

/// RocksDB's own `crc32c::Extend`.
std::uint32_t __real__ZN7rocksdb6crc32c6ExtendEjPKcm(std::uint32_t before, const char* data,
                                                     std::size_t size);

/// The CRC-32C of all bytes, given that of some and that of the `size` bytes behind these. In the
/// same way called instead of RocksDB's. Thread-safe.
std::uint32_t __wrap__ZN7rocksdb6crc32c13Crc32cCombineEjjm(std::uint32_t before,
                                                           std::uint32_t behind, std::size_t size);

/// RocksDB's own `crc32c::Crc32cCombine`.
std::uint32_t __real__ZN7rocksdb6crc32c13Crc32cCombineEjjm(std::uint32_t before,
                                                           std::uint32_t behind, std::size_t size);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
}
