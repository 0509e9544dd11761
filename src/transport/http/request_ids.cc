#include "transport/http/request_ids.h"

#include <algorithm>

namespace marconi::transport::http {

RequestIds::RequestIds(base::Random& random) {
  random.fill(uuid_.bytes);
  uuid_.bytes[6] = (uuid_.bytes[6] & std::byte{0x0f}) | std::byte{0x80};
  uuid_.bytes[8] = (uuid_.bytes[8] & std::byte{0x3f}) | std::byte{0x80};
}

RequestIds::Text RequestIds::next() {
  constexpr std::size_t kCountBytes = 6;
  std::uint64_t rest = ++count_;
  for (std::size_t i = 0; i < kCountBytes; ++i, rest >>= 8) {
    uuid_.bytes[uuid_.bytes.size() - 1 - i] = static_cast<std::byte>(rest & 0xff);
  }
  Text text{'r', 'e', 'q', '-'};
  uuid_.write_to(text.data() + 4);
  return text;
}

}  // namespace marconi::transport::http
