#include "server/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "program/configuration_for_tests.h"

namespace marconi::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class SettingsTest : public program::ConfigurationTest {};

TEST_F(SettingsTest, declared_defaults_are_those_of_the_structs) {
  const auto configuration = with({});
  EXPECT_TRUE(limits(configuration) == domain::Limits());

  const auto api = api_options(configuration);
  const api::ApiOptions api_defaults;
  EXPECT_EQ(api.cors.allow_headers, api_defaults.cors.allow_headers);
  EXPECT_EQ(api.cors.expose_headers, api_defaults.cors.expose_headers);
  EXPECT_EQ(api.cors.allow_methods, api_defaults.cors.allow_methods);
  EXPECT_TRUE(api.cors.allowed_origins.empty());
  EXPECT_TRUE(api.client_id.must_be_uuid);
  EXPECT_TRUE(api.enable_v1 && api.enable_v1_1);

  EXPECT_TRUE(http_options(configuration) == transport::http::ServerOptions());
}

TEST_F(SettingsTest, limits_follow_the_configuration) {
  const auto read = limits(with({"transport.max_message_ttl=100", "transport.max_claim_grace=7",
                                 "limits:transport.queue_paging_uplimit=5"}));
  EXPECT_EQ(read.max_message_ttl_seconds, 100);
  EXPECT_EQ(read.max_claim_grace_seconds, 7);
  EXPECT_EQ(read.max_queues_per_page, 5);
}

TEST_F(SettingsTest, deprecated_versions_are_obeyed_as_written) {
  const auto none = api_options(with({"DEFAULT.enable_deprecated_api_versions="}));
  EXPECT_FALSE(none.enable_v1 || none.enable_v1_1);
  const auto one = api_options(with({"DEFAULT.enable_deprecated_api_versions=1.1"}));
  EXPECT_FALSE(one.enable_v1);
  EXPECT_TRUE(one.enable_v1_1);
}

TEST_F(SettingsTest, api_follows_the_configuration) {
  const auto api = api_options(
      with({"DEFAULT.admin_mode=true", "cors.allowed_origin=http://a, *",
            "transport.client_id_uuid_safe=off", "transport.message_delete_with_claim_id=1"}));
  EXPECT_TRUE(api.admin_mode);
  EXPECT_TRUE(api.message_delete_with_claim_id);
  EXPECT_FALSE(api.client_id.must_be_uuid);
  EXPECT_THAT(api.cors.allowed_origins, ElementsAre("http://a", "*"));
}

TEST_F(SettingsTest, http_follows_the_configuration) {
  const auto http = http_options(with(
      {"drivers:transport:wsgi.bind=::1", "drivers:transport:wsgi.port=0",
       "server.header_timeout=3", "server.event_loops=2", "server.max_buffered_bytes=20000000"}));
  EXPECT_EQ(http.host, "::1");
  EXPECT_EQ(http.port, 0);
  EXPECT_EQ(http.header_timeout, 3s);
  EXPECT_EQ(http.event_loops, 2U);
  EXPECT_EQ(http.max_buffered_bytes, 20'000'000U);
}

TEST_F(SettingsTest, embedded_store_follows_the_configuration) {
  const auto store = embedded_options(with({"drivers:message_store:embedded.path=/x",
                                            "drivers:message_store:embedded.sync=interval:50",
                                            "drivers:management_store:embedded.min_free_bytes=9"}));
  EXPECT_EQ(store.path, "/x");
  EXPECT_EQ(store.sync.kind, storage::embedded::SyncMode::Kind::interval);
  EXPECT_EQ(store.sync.period, 50ms);
  EXPECT_EQ(store.min_free_bytes, 9U);
}

TEST_F(SettingsTest, each_store_has_its_own_interval_of_collection) {
  const std::vector<std::string> both = {"server.garbage_collection_interval=7",
                                         "drivers:message_store:mongodb.gc_interval=70"};
  EXPECT_EQ(collection_interval(with(both)), 7s);
  auto options = both;
  options.push_back("drivers.message_store=mongodb");
  EXPECT_EQ(collection_interval(with(options)), 70s);
}

}  // namespace
}  // namespace marconi::server
