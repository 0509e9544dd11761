#include "storage/mongodb/object_id.h"

#include <algorithm>
#include <span>

namespace marconi::storage::mongodb {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

template <std::size_t size>
std::array<std::uint8_t, size> random_octets(base::Random& random) {
  std::array<std::uint8_t, size> octets;
  random.fill(std::as_writable_bytes(std::span(octets)));
  return octets;
}

std::uint32_t number(std::span<const std::uint8_t> octets) {
  std::uint32_t value = 0;
  for (const auto octet : octets) value = value << 8 | octet;
  return value;
}

void put(std::span<std::uint8_t> octets, std::size_t at, std::size_t count, std::uint64_t value) {
  for (std::size_t i = count; i-- > 0; value >>= 8) octets[at + i] = value & 255;
}

}  // namespace

std::optional<ObjectId> ObjectId::from(std::string_view text) {
  ObjectId id;
  if (text.size() != 2 * id.octets.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = kHexDigits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    id.octets[i / 2] = static_cast<std::uint8_t>(id.octets[i / 2] << 4 | digit);
  }
  return id;
}

std::string ObjectId::to_string() const {
  std::string text;
  for (const auto octet : octets) {
    text += kHexDigits[octet >> 4];
    text += kHexDigits[octet & 15];
  }
  return text;
}

ObjectId ObjectId::first_of(base::UtcSeconds second) {
  ObjectId id;
  put(id.octets, 0, 4, static_cast<std::uint64_t>(second));
  return id;
}

base::UtcSeconds ObjectId::second() const { return number(std::span(octets).first<4>()); }

ObjectIds::ObjectIds(base::Random& random)
    : process_(random_octets<5>(random)), counter_(number(random_octets<4>(random))) {}

ObjectId ObjectIds::make(base::UtcSeconds second) {
  auto id = ObjectId::first_of(second);
  std::ranges::copy(process_, id.octets.begin() + 4);
  put(id.octets, 9, 3, counter_.fetch_add(1, std::memory_order_relaxed));
  return id;
}

}  // namespace marconi::storage::mongodb
