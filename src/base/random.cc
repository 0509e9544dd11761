#include "base/random.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/uuid.h"

namespace marconi::base {

void SystemRandom::fill(std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = getrandom(out.data() + done, out.size() - done, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    done += static_cast<std::size_t>(got);
  }
}

std::string random_uuid(Random& random) {
  Uuid uuid;
  random.fill(uuid.bytes);
  uuid.bytes[6] = (uuid.bytes[6] & std::byte{0x0f}) | std::byte{0x40};
  uuid.bytes[8] = (uuid.bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  return uuid.to_string();
}

double random_fraction(Random& random) {
  std::uint64_t bits = 0;
  random.fill(std::as_writable_bytes(std::span(&bits, 1)));
  constexpr int kFractionBits = 53;
  return static_cast<double>(bits >> (64 - kFractionBits)) /
         static_cast<double>(std::uint64_t{1} << kFractionBits);
}

}  // namespace marconi::base
