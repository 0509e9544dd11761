#include "bodies.h"

#include <fmt/format.h>

#include <string_view>

namespace marconi::scale {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";
constexpr std::size_t kPoolBytes = std::size_t{1} << 20;

}  // namespace

Bodies::Bodies(std::size_t size, std::uint64_t seed) : size_(size - 2), random_(seed) {
  pool_.resize(kPoolBytes + size);
  for (auto& letter : pool_) letter = kAlphabet[random_() % kAlphabet.size()];
}

const std::string& Bodies::post(std::size_t count, std::int64_t ttl) {
  const auto head = fmt::format(R"({{"ttl": {}, "body": ")", ttl);
  document_ = R"({"messages": [)";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) document_ += ',';
    document_ += head;
    document_.append(pool_, random_() % kPoolBytes, size_);
    document_ += "\"}";
  }
  document_ += "]}";
  return document_;
}

}  // namespace marconi::scale
