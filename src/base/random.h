// Randomness as a dependency.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace marconi::base {

/// A source of unpredictable bytes. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> out) = 0;
};

/// The operating system's source (getrandom(2)).
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override;
};

/// A fresh version-4 UUID in canonical lower-case form (RFC 9562, section 5.4).
[[nodiscard]] std::string random_uuid(Random& random);

/// Uniform in [0, 1).
[[nodiscard]] double random_fraction(Random& random);

}  // namespace marconi::base
