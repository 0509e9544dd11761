#include "transport/http/turns.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace marconi::transport::http {
namespace {

using namespace std::chrono_literals;

/// A connection with a name.
class Asker final : public Turns::Participant {
 public:
  Asker(Turns& turns, const std::string& address, std::string name)
      : Participant(turns, address), name_(std::move(name)) {}

  void take_turn() override {}
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  const std::string name_;
};

class TurnTaking : public ::testing::Test {
 protected:
  /// Who has the next turns, if each joins the line again at once.
  std::vector<std::string> turns_of(int count) {
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) {
      auto* const next = static_cast<Asker*>(turns_.next());
      names.push_back(next->name());
      next->join_line();
    }
    return names;
  }

  /// How many of so many requests are handled as they come.
  static int handled_at_once(Asker& asker, int requests, Turns::TimePoint now) {
    int count = 0;
    for (int i = 0; i < requests; ++i) count += asker.asks_too_much(now) ? 0 : 1;
    return count;
  }

  static constexpr int kAtOnce = Turns::kPartsAtOnce;
  Turns::TimePoint now_{1h};
  Turns turns_;
};

TEST_F(TurnTaking, goes_round_clients_not_connections) {
  Asker a1(turns_, "a", "a1");
  Asker a2(turns_, "a", "a2");
  Asker a3(turns_, "a", "a3");
  Asker b(turns_, "b", "b");
  for (Asker* asker : {&a1, &a2, &a3, &b}) asker->join_line();
  EXPECT_EQ(turns_of(7), (std::vector<std::string>{"a1", "b", "a2", "b", "a3", "b", "a1"}));
}

TEST_F(TurnTaking, ends_when_nobody_waits) {
  Asker a(turns_, "a", "a");
  EXPECT_EQ(turns_.next(), nullptr);
  a.join_line();
  EXPECT_FALSE(turns_.nobody_waits());
  EXPECT_EQ(turns_.next(), &a);
  EXPECT_TRUE(turns_.nobody_waits());
}

TEST_F(TurnTaking, passes_over_those_that_have_left) {
  Asker a(turns_, "a", "a");
  Asker b1(turns_, "b", "b1");
  Asker b2(turns_, "b", "b2");
  {
    Asker gone(turns_, "gone", "gone");
    for (Asker* asker : {&a, &gone, &b1, &b2}) asker->join_line();
    a.leave_line();
    b1.leave_line();
  }
  EXPECT_EQ(turns_of(2), (std::vector<std::string>{"b2", "b2"}));
}

TEST_F(TurnTaking, lets_a_client_that_is_alone_ask_for_as_much_as_it_likes) {
  Asker a1(turns_, "a", "a1");
  Asker a2(turns_, "a", "a2");
  EXPECT_EQ(handled_at_once(a1, 1000, now_), 1000);
  EXPECT_EQ(handled_at_once(a2, 1000, now_), 1000);
}

TEST_F(TurnTaking, gives_all_connections_of_a_client_one_allowance) {
  Asker a1(turns_, "a", "a1");
  Asker a2(turns_, "a", "a2");
  Asker b(turns_, "b", "b");
  EXPECT_EQ(handled_at_once(a1, kAtOnce - 1, now_), kAtOnce - 1);
  EXPECT_EQ(handled_at_once(a2, 100, now_), 1);
  EXPECT_EQ(handled_at_once(b, 100, now_), kAtOnce);
}

TEST_F(TurnTaking, gives_the_allowance_anew_in_each_period) {
  Asker a(turns_, "a", "a");
  Asker b(turns_, "b", "b");
  EXPECT_EQ(handled_at_once(a, 100, now_), kAtOnce);
  EXPECT_EQ(handled_at_once(a, 100, now_ + Turns::kPeriod - 1ms), 0);
  EXPECT_EQ(handled_at_once(a, 100, now_ + Turns::kPeriod), kAtOnce);
}

}  // namespace
}  // namespace marconi::transport::http
