#include "storage/embedded/log_checksum.h"

#ifdef __x86_64__
#include <nmmintrin.h>

#include <cstring>

namespace {

__attribute__((target("sse4.2"))) std::uint32_t extend(std::uint32_t before, const char* data,
                                                       std::size_t size) {
  std::uint64_t crc = ~before;
  for (; size >= sizeof crc; data += sizeof crc, size -= sizeof crc) {
    std::uint64_t word = 0;
    std::memcpy(&word, data, sizeof word);
    crc = _mm_crc32_u64(crc, word);
  }
  auto rest = static_cast<std::uint32_t>(crc);
  for (; size > 0; ++data, --size) rest = _mm_crc32_u8(rest, static_cast<unsigned char>(*data));
  return ~rest;
}

}  // namespace
#endif

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
std::uint32_t __wrap__ZN7rocksdb6crc32c6ExtendEjPKcm(std::uint32_t before, const char* data,
                                                     std::size_t size) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) return extend(before, data, size);
#endif
  return __real__ZN7rocksdb6crc32c6ExtendEjPKcm(before, data, size);
}
