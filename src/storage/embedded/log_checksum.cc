#include "storage/embedded/log_checksum.h"

#ifdef __x86_64__
#include <nmmintrin.h>
#include <wmmintrin.h>

#include <array>
#include <cstring>

// A checksum is a polynomial over two elements, modulo one of degree 32; the highest power is the
// lowest bit. Zeros behind what it was made of multiply it by a power of x. (Gopal et al., "Fast
// CRC Computation for iSCSI Polynomial Using CRC32 Instruction", Intel, 2011.)

namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;

constexpr std::uint32_t times_x(std::uint32_t a) { return (a >> 1) ^ ((a & 1) * kPolynomial); }

/// a b x^33: what `product` below makes of them.
constexpr std::uint32_t product_by_bits(std::uint32_t a, std::uint32_t b) {
  std::uint32_t sum = 0;
  for (std::uint32_t bit = 1u << 31; bit != 0; bit >>= 1, b = times_x(b)) {
    if ((a & bit) != 0) sum ^= b;
  }
  for (int i = 0; i < 33; ++i) sum = times_x(sum);
  return sum;
}

/// The n-th stands for 8 times 2^n bytes: x^(64 2^n - 33).
constexpr auto kZeros = [] {
  std::array<std::uint32_t, 61> zeros{};
  zeros[0] = 1;
  for (std::size_t n = 1; n < zeros.size(); ++n) {
    zeros[n] = product_by_bits(zeros[n - 1], zeros[n - 1]);
  }
  return zeros;
}();

#define MARCONI_BY_INSTRUCTIONS __attribute__((target("sse4.2,pclmul")))

MARCONI_BY_INSTRUCTIONS std::uint32_t product(std::uint32_t a, std::uint32_t b) {
  const __m128i both = _mm_clmulepi64_si128(_mm_cvtsi32_si128(static_cast<int>(a)),
                                            _mm_cvtsi32_si128(static_cast<int>(b)), 0);
  return static_cast<std::uint32_t>(
      _mm_crc32_u64(0, static_cast<std::uint64_t>(_mm_cvtsi128_si64(both))));
}

MARCONI_BY_INSTRUCTIONS std::uint32_t with_zeros(std::uint32_t crc, std::size_t size) {
  for (; size % 8 != 0; --size) crc = _mm_crc32_u8(crc, 0);
  for (std::size_t n = 0, rest = size / 8; rest != 0; rest >>= 1, ++n) {
    if (rest % 2 != 0) crc = product(crc, kZeros[n]);
  }
  return crc;
}

std::uint64_t word_at(const char* data) {
  std::uint64_t word = 0;
  std::memcpy(&word, data, sizeof word);
  return word;
}

MARCONI_BY_INSTRUCTIONS std::uint32_t extend(std::uint32_t before, const char* data,
                                             std::size_t size) {
  std::uint64_t crc = ~before;
  // The instruction takes three cycles, but one can begin in each.
  constexpr std::size_t kStrandAsZeros = 5;
  constexpr std::size_t kStrand = 8u << kStrandAsZeros;
  for (; size >= 3 * kStrand; data += 3 * kStrand, size -= 3 * kStrand) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t i = 0; i < kStrand; i += sizeof(std::uint64_t)) {
      crc = _mm_crc32_u64(crc, word_at(data + i));
      second = _mm_crc32_u64(second, word_at(data + kStrand + i));
      third = _mm_crc32_u64(third, word_at(data + 2 * kStrand + i));
    }
    for (const std::uint64_t next : {second, third}) {
      crc = product(static_cast<std::uint32_t>(crc), kZeros[kStrandAsZeros]) ^ next;
    }
  }
  for (; size >= sizeof crc; data += sizeof crc, size -= sizeof crc) {
    crc = _mm_crc32_u64(crc, word_at(data));
  }
  auto rest = static_cast<std::uint32_t>(crc);
  for (; size > 0; ++data, --size) rest = _mm_crc32_u8(rest, static_cast<unsigned char>(*data));
  return ~rest;
}

bool has_instructions() {
  return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0;
}

}  // namespace
#endif

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
std::uint32_t __wrap__ZN7rocksdb6crc32c6ExtendEjPKcm(std::uint32_t before, const char* data,
                                                     std::size_t size) {
#ifdef __x86_64__
  if (has_instructions()) return extend(before, data, size);
#endif
  return __real__ZN7rocksdb6crc32c6ExtendEjPKcm(before, data, size);
}

std::uint32_t __wrap__ZN7rocksdb6crc32c13Crc32cCombineEjjm(std::uint32_t before,
                                                           std::uint32_t behind, std::size_t size) {
#ifdef __x86_64__
  // Both begin and end with all bits turned over, which together takes nothing but the zeros.
  if (has_instructions()) return with_zeros(before, size) ^ behind;
#endif
  return __real__ZN7rocksdb6crc32c13Crc32cCombineEjjm(before, behind, size);
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
