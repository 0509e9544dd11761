#include "storage/mongodb/server_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace marconi::storage::mongodb {

namespace {

using namespace std::chrono_literals;

constexpr base::UtcMillis kServer = 1'900'000'000'000;

/// A server that answers nothing but greetings, each after a while on its way.
class Greeter final : public Client {
 public:
  explicit Greeter(base::ManualClock& clock) : clock_(clock) {}

  std::deque<std::chrono::milliseconds> ways_there;  ///< of the next greetings; then none
  std::deque<std::chrono::milliseconds> ways_back;

  Result<Greeting> greet() override {
    pass(ways_there);
    Greeting greeting{.local_time = {kServer + clock_.utc_now()}};
    pass(ways_back);
    return greeting;
  }

  Result<Document> command(const std::string&, const Document&) override { return none(); }
  Result<std::uint64_t> count(const CollectionName&, const Document&) override { return none(); }
  Result<void> visit(const CollectionName&, const Document&, const FindOptions&,
                     const std::function<bool(BsonView)>&) override {
    return none();
  }
  Result<std::optional<Document>> find_and_update(const CollectionName&, const Document&,
                                                  const Document&) override {
    return none();
  }
  Result<std::optional<Document>> find_and_remove(const CollectionName&, const Document&,
                                                  const Document&) override {
    return none();
  }
  Result<WriteCounts> write(const CollectionName&, std::span<const Write>) override {
    return none();
  }
  Result<Insertions> insert(const CollectionName&, std::span<const Document>) override {
    return none();
  }
  Result<Transacted> transact(const TransactionBody&,
                              std::chrono::steady_clock::time_point) override {
    return none();
  }

 private:
  static std::unexpected<base::Error> none() { return base::fail(base::ErrorKind::internal); }
  void pass(std::deque<std::chrono::milliseconds>& ways) {
    if (ways.empty()) return;
    clock_.advance(ways.front());
    ways.pop_front();
  }

  base::ManualClock& clock_;
};

/// As when the process, or the server, is stopped for a while just then.
TEST(ServerTime, an_answer_that_was_held_up_does_not_shift_it_even_at_the_start) {
  for (const bool back : {false, true}) {
    SCOPED_TRACE(back ? "on its way back" : "on its way there");
    base::ManualClock clock(0);
    Greeter server(clock);
    (back ? server.ways_back : server.ways_there) = {60s};
    ServerTime time(server, clock);
    ASSERT_TRUE(time.start());
    EXPECT_EQ(time.now().millis(), kServer + clock.utc_now());
  }
}

TEST(ServerTime, goes_on_with_the_monotonic_clock_between_answers) {
  base::ManualClock clock(0);
  Greeter server(clock);
  ServerTime time(server, clock);
  ASSERT_TRUE(time.start());
  clock.advance(7s);
  EXPECT_EQ(time.now().millis(), kServer + 7000);
}

}  // namespace

}  // namespace marconi::storage::mongodb
