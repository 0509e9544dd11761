// The documents of posts: messages whose bodies do not compress.

#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace marconi::scale {

/// Renders posts of messages of one size from a pool of random text. Not thread-safe.
class Bodies {
 public:
  /// size: of a message's body in bytes, at least 3. seed: tells the threads' texts apart.
  Bodies(std::size_t size, std::uint64_t seed);

  /// A post of `count` messages that live `ttl` seconds; valid until the next call.
  const std::string& post(std::size_t count, std::int64_t ttl);

 private:
  std::size_t size_;
  std::mt19937_64 random_;
  std::string pool_;
  std::string document_;
};

}  // namespace marconi::scale
