#include "net/listener.h"

#include <gtest/gtest.h>

namespace marconi::net {
namespace {

Tcp::endpoint loopback(std::uint16_t port = 0) { return *listening_endpoint("127.0.0.1", port); }

TEST(Listener, port_zero_lets_the_system_choose) {
  asio::io_context context;
  const auto acceptor = listen_on(context, loopback());
  ASSERT_TRUE(acceptor.has_value());
  EXPECT_NE(acceptor->local_endpoint().port(), 0);
}

TEST(Listener, several_loops_share_one_port) {
  asio::io_context context;
  const auto first = listen_on(context, loopback());
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(listen_on(context, first->local_endpoint()).has_value());
}

TEST(Listener, a_port_that_is_listened_on_is_reported_as_in_use) {
  asio::io_context context;
  const auto first = listen_on(context, loopback());
  ASSERT_TRUE(first.has_value());
  const auto checked = check_not_in_use(first->local_endpoint());
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().kind, base::ErrorKind::unavailable);
  EXPECT_NE(checked.error().description.find("Address already in use"), std::string::npos);
}

TEST(Listener, an_address_of_another_machine_cannot_be_bound) {
  asio::io_context context;
  const auto endpoint = listening_endpoint("192.0.2.1", 0);
  ASSERT_TRUE(endpoint.has_value());
  const auto acceptor = listen_on(context, *endpoint);
  ASSERT_FALSE(acceptor.has_value());
  EXPECT_NE(acceptor.error().description.find("192.0.2.1"), std::string::npos);
}

TEST(Listener, names_and_both_families_of_addresses_are_understood) {
  EXPECT_TRUE(listening_endpoint("localhost", 1)->address().is_loopback());
  EXPECT_TRUE(listening_endpoint("::1", 1)->address().is_v6());
  EXPECT_TRUE(listening_endpoint("0.0.0.0", 1)->address().is_v4());
}

TEST(Listener, something_that_is_no_host_is_an_error) {
  const auto endpoint = listening_endpoint("no such host", 1);
  ASSERT_FALSE(endpoint.has_value());
  EXPECT_EQ(endpoint.error().kind, base::ErrorKind::invalid);
}

}  // namespace
}  // namespace marconi::net
