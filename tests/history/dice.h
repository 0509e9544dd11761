// Chance for clients, from a seed.
#pragma once

#include <cstdint>
#include <random>

namespace marconi::history {

using Dice = std::mt19937_64;

/// Both ends included.
[[nodiscard]] inline std::uint32_t between(Dice& dice, std::uint32_t low, std::uint32_t high) {
  return std::uniform_int_distribution<std::uint32_t>(low, high)(dice);
}

[[nodiscard]] inline bool chance(Dice& dice, std::uint32_t percent) {
  return between(dice, 1, 100) <= percent;
}

}  // namespace marconi::history
