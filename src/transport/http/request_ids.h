// Names for requests, unique among all processes and cheap to make.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "base/uuid.h"

namespace marconi::transport::http {

/// Makes ids such as `req-5f0c8a5e-91d3-8b02-a4c1-000000000017`: `req-` and a UUID of the free
/// form (version 8, RFC 9562), random but for its last 48 bits, which count. One per event loop.
class RequestIds {
 public:
  static constexpr std::size_t kLength = 4 + base::Uuid::kTextLength;
  using Text = std::array<char, kLength>;

  explicit RequestIds(base::Random& random);

  [[nodiscard]] Text next();

 private:
  base::Uuid uuid_;
  std::uint64_t count_ = 0;
};

inline std::string_view as_view(const RequestIds::Text& text) { return {text.data(), text.size()}; }

}  // namespace marconi::transport::http
