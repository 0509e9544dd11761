#include "transport/http/read_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace marconi::transport::http {
namespace {

void fill(ReadBuffer& buffer, std::string_view text, std::size_t expected = 0) {
  while (!text.empty()) {
    const auto room = buffer.room(expected);
    const std::size_t count = std::min(room.size(), text.size());
    std::memcpy(room.data(), text.data(), count);
    buffer.grow(count);
    text.remove_prefix(count);
  }
}

TEST(ReadBuffer, keeps_what_it_holds_while_it_grows_and_moves) {
  ReadBuffer buffer;
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    const std::string piece(1000, static_cast<char>('a' + i % 26));
    fill(buffer, piece, 200'000);
    expected += piece;
    if (i % 3 == 0) {
      buffer.consume(700);
      expected.erase(0, 700);
    }
    ASSERT_EQ(buffer.view(), expected);
  }
}

TEST(ReadBuffer, has_room_for_a_usual_request_at_once) {
  ReadBuffer buffer;
  EXPECT_EQ(buffer.room(0).size(), ReadBuffer::kUsualCapacity);
}

TEST(ReadBuffer, shrinks_back_after_a_large_body) {
  ReadBuffer buffer;
  const std::string large(1'000'000, 'x');
  fill(buffer, large, large.size());
  buffer.consume(large.size());
  EXPECT_EQ(buffer.room(0).size(), ReadBuffer::kUsualCapacity);
}

TEST(ReadBuffer, shrinks_back_although_the_next_request_has_begun) {
  ReadBuffer buffer;
  const std::string large(100'000, 'x');
  fill(buffer, large + "next", large.size());
  buffer.consume(large.size());
  EXPECT_EQ(buffer.capacity(), ReadBuffer::kUsualCapacity);
  EXPECT_EQ(buffer.view(), "next");
}

TEST(ReadBuffer, grows_to_no_more_than_it_said) {
  for (const std::size_t expected : {0, 10'000, 20'000, 40'000, 1'000'000}) {
    for (const std::size_t consumed : {0, 100, 9'000}) {
      ReadBuffer buffer;
      fill(buffer, std::string(ReadBuffer::kUsualCapacity, 'x'));
      buffer.consume(consumed);
      const std::size_t said = buffer.capacity_for(expected);
      do {
        buffer.grow(buffer.room(expected).size());
        ASSERT_LE(buffer.capacity(), said);
      } while (buffer.size() < expected);
    }
  }
}

TEST(ReadBuffer, makes_room_by_moving_if_what_is_expected_fits) {
  ReadBuffer buffer;
  fill(buffer, std::string(ReadBuffer::kUsualCapacity, 'x'));
  buffer.consume(100);
  EXPECT_EQ(buffer.room(ReadBuffer::kUsualCapacity).size(), 100);
  EXPECT_EQ(buffer.capacity(), ReadBuffer::kUsualCapacity);
}

TEST(ReadBuffer, does_not_grow_ahead_of_what_has_arrived) {
  ReadBuffer buffer;
  fill(buffer, std::string(ReadBuffer::kUsualCapacity, 'x'));
  EXPECT_LE(buffer.room(1'000'000'000).size(), 2 * ReadBuffer::kUsualCapacity);
}

TEST(ReadBuffer, closes_gaps) {
  ReadBuffer buffer;
  fill(buffer, "0123456789");
  buffer.consume(1);
  buffer.erase(2, 3);
  EXPECT_EQ(buffer.view(), "126789");
}

}  // namespace
}  // namespace marconi::transport::http
