// The operation table: one line for each method on each path.
#include "api/v1/operations.h"

#include <array>

#include "api/common_operations.h"
#include "api/operation.h"
#include "api/v1_1/operations.h"
#include "api/v2/operations.h"

namespace marconi::api {

namespace {

constexpr auto kOldest = Version::v1;
constexpr auto kOld = Version::v1_1;
constexpr auto kCurrent = Version::v2;
constexpr auto kEveryone = Access::everyone;
constexpr auto kAdmin = Access::admin;
constexpr auto kAlways = Presence::always;
constexpr auto kInAdminMode = Presence::admin_mode;
constexpr auto kMessages = BodyLimit::messages;
constexpr auto kMetadata = BodyLimit::metadata;

// What could not be done when the store fails.
constexpr std::string_view kNothing = "The request could not be answered.";
constexpr std::string_view kHealth = "Health status could not be read.";
constexpr std::string_view kListQueues = "Queues could not be listed.";
constexpr std::string_view kCreateQueue = "Queue could not be created.";
constexpr std::string_view kFindQueue = "Queue could not be retrieved.";
constexpr std::string_view kUpdateQueue = "Queue could not be updated.";
constexpr std::string_view kDeleteQueue = "Queue could not be deleted.";
constexpr std::string_view kPurgeQueue = "Queue could not be purged.";
constexpr std::string_view kReadMetadata = "Queue metadata could not be retrieved.";
constexpr std::string_view kWriteMetadata = "Metadata could not be updated.";
constexpr std::string_view kStats = "Queue stats could not be read.";
constexpr std::string_view kPost = "Messages could not be enqueued.";
constexpr std::string_view kList = "Messages could not be listed.";
constexpr std::string_view kDeleteMany = "Messages could not be deleted.";
constexpr std::string_view kGetMessage = "Message could not be retrieved.";
constexpr std::string_view kDeleteMessage = "Message could not be deleted.";
constexpr std::string_view kCreateClaim = "Claim could not be created.";
constexpr std::string_view kGetClaim = "Claim could not be queried.";
constexpr std::string_view kUpdateClaim = "Claim could not be updated.";
constexpr std::string_view kDeleteClaim = "Claim could not be deleted.";

// clang-format off
constexpr Operation kOperations[] = {
    {Version::none, "GET", "/", "versions:get", list_versions, kNothing},

    {kOldest, "GET",    "/v1/",                              "home:get",             v1::get_home,          kNothing},
    {kOldest, "GET",    "/v1/health",                        "ping:get",             ping,                  kNothing},
    {kOldest, "HEAD",   "/v1/health",                        "ping:get",             confirm_liveness,      kNothing},
    {kOldest, "GET",    "/v1/queues",                        "queues:get_all",       v1::list_queues,       kListQueues},
    {kOldest, "PUT",    "/v1/queues/{queue}",                "queues:create",        v1::create_queue,      kCreateQueue},
    {kOldest, "GET",    "/v1/queues/{queue}",                "queues:get",           v1::check_queue,       kFindQueue},
    {kOldest, "HEAD",   "/v1/queues/{queue}",                "queues:get",           v1::check_queue,       kFindQueue},
    {kOldest, "DELETE", "/v1/queues/{queue}",                "queues:delete",        delete_queue,          kDeleteQueue},
    {kOldest, "GET",    "/v1/queues/{queue}/metadata",       "queues:get",           v1::get_metadata,      kReadMetadata},
    {kOldest, "PUT",    "/v1/queues/{queue}/metadata",       "queues:update",        v1::replace_metadata,  kWriteMetadata, kEveryone, kAlways, kMetadata},
    {kOldest, "GET",    "/v1/queues/{queue}/stats",          "queues:stats",         v1::get_queue_stats,   kStats},
    {kOldest, "GET",    "/v1/queues/{queue}/messages",       "messages:get_all",     v1::get_messages,      kList},
    {kOldest, "POST",   "/v1/queues/{queue}/messages",       "messages:create",      v1::post_messages,     kPost, kEveryone, kAlways, kMessages},
    {kOldest, "DELETE", "/v1/queues/{queue}/messages",       "messages:delete_all",  v1::delete_messages,   kDeleteMany},
    {kOldest, "GET",    "/v1/queues/{queue}/messages/{id}",  "messages:get",         v1::get_message,       kGetMessage},
    {kOldest, "DELETE", "/v1/queues/{queue}/messages/{id}",  "messages:delete",      delete_message,        kDeleteMessage},
    {kOldest, "POST",   "/v1/queues/{queue}/claims",         "claims:create",        v1::create_claim,      kCreateClaim},
    {kOldest, "GET",    "/v1/queues/{queue}/claims/{id}",    "claims:get",           v1::get_claim,         kGetClaim},
    {kOldest, "PATCH",  "/v1/queues/{queue}/claims/{id}",    "claims:update",        v1::update_claim,      kUpdateClaim},
    {kOldest, "DELETE", "/v1/queues/{queue}/claims/{id}",    "claims:delete",        delete_claim,          kDeleteClaim},

    {kOld, "GET",    "/v1.1/",                               "home:get",             v1_1::get_home,        kNothing},
    {kOld, "GET",    "/v1.1/ping",                           "ping:get",             ping,                  kNothing},
    {kOld, "HEAD",   "/v1.1/ping",                           "ping:get",             confirm_liveness,      kNothing},
    {kOld, "GET",    "/v1.1/health",                         "health:get",           v1_1::get_health,      kHealth, kEveryone, kInAdminMode},
    {kOld, "GET",    "/v1.1/queues",                         "queues:get_all",       v1_1::list_queues,     kListQueues},
    {kOld, "PUT",    "/v1.1/queues/{queue}",                 "queues:create",        create_queue,          kCreateQueue, kEveryone, kAlways, kMetadata},
    {kOld, "GET",    "/v1.1/queues/{queue}",                 "queues:get",           v1_1::get_queue,       kReadMetadata},
    {kOld, "DELETE", "/v1.1/queues/{queue}",                 "queues:delete",        delete_queue,          kDeleteQueue},
    {kOld, "GET",    "/v1.1/queues/{queue}/stats",           "queues:stats",         get_queue_stats,       kStats},
    {kOld, "GET",    "/v1.1/queues/{queue}/messages",        "messages:get_all",     v1_1::get_messages,    kList},
    {kOld, "POST",   "/v1.1/queues/{queue}/messages",        "messages:create",      v1_1::post_messages,   kPost, kEveryone, kAlways, kMessages},
    {kOld, "DELETE", "/v1.1/queues/{queue}/messages",        "messages:delete_all",  v1_1::delete_messages, kDeleteMany},
    {kOld, "GET",    "/v1.1/queues/{queue}/messages/{id}",   "messages:get",         get_message,           kGetMessage},
    {kOld, "DELETE", "/v1.1/queues/{queue}/messages/{id}",   "messages:delete",      delete_message,        kDeleteMessage},
    {kOld, "POST",   "/v1.1/queues/{queue}/claims",          "claims:create",        create_claim,          kCreateClaim},
    {kOld, "GET",    "/v1.1/queues/{queue}/claims/{id}",     "claims:get",           get_claim,             kGetClaim},
    {kOld, "PATCH",  "/v1.1/queues/{queue}/claims/{id}",     "claims:update",        update_claim,          kUpdateClaim},
    {kOld, "DELETE", "/v1.1/queues/{queue}/claims/{id}",     "claims:delete",        delete_claim,          kDeleteClaim},

    {kCurrent, "GET",    "/v2/",                             "home:get",             v2::get_home,          kNothing},
    {kCurrent, "GET",    "/v2/ping",                         "ping:get",             ping,                  kNothing},
    {kCurrent, "HEAD",   "/v2/ping",                         "ping:get",             confirm_liveness,      kNothing},
    {kCurrent, "GET",    "/v2/health",                       "health:get",           v2::get_health,        kHealth, kAdmin, kInAdminMode},
    {kCurrent, "GET",    "/v2/queues",                       "queues:get_all",       v2::list_queues,       kListQueues},
    {kCurrent, "PUT",    "/v2/queues/{queue}",               "queues:create",        create_queue,          kCreateQueue, kEveryone, kAlways, kMetadata},
    {kCurrent, "GET",    "/v2/queues/{queue}",               "queues:get",           v2::get_queue,         kReadMetadata},
    {kCurrent, "PATCH",  "/v2/queues/{queue}",               "queues:update",        v2::patch_queue,       kUpdateQueue, kEveryone, kAlways, kMetadata},
    {kCurrent, "DELETE", "/v2/queues/{queue}",               "queues:delete",        delete_queue,          kDeleteQueue},
    {kCurrent, "GET",    "/v2/queues/{queue}/stats",         "queues:stats",         get_queue_stats,       kStats},
    {kCurrent, "POST",   "/v2/queues/{queue}/purge",         "queues:purge",         v2::purge_queue,       kPurgeQueue},
    {kCurrent, "GET",    "/v2/queues/{queue}/messages",      "messages:get_all",     v2::get_messages,      kList},
    {kCurrent, "POST",   "/v2/queues/{queue}/messages",      "messages:create",      v2::post_messages,     kPost, kEveryone, kAlways, kMessages},
    {kCurrent, "DELETE", "/v2/queues/{queue}/messages",      "messages:delete_all",  v2::delete_messages,   kDeleteMany},
    {kCurrent, "GET",    "/v2/queues/{queue}/messages/{id}", "messages:get",         get_message,           kGetMessage},
    {kCurrent, "DELETE", "/v2/queues/{queue}/messages/{id}", "messages:delete",      delete_message,        kDeleteMessage},
    {kCurrent, "POST",   "/v2/queues/{queue}/claims",        "claims:create",        create_claim,          kCreateClaim},
    {kCurrent, "GET",    "/v2/queues/{queue}/claims/{id}",   "claims:get",           get_claim,             kGetClaim},
    {kCurrent, "PATCH",  "/v2/queues/{queue}/claims/{id}",   "claims:update",        update_claim,          kUpdateClaim},
    {kCurrent, "DELETE", "/v2/queues/{queue}/claims/{id}",   "claims:delete",        delete_claim,          kDeleteClaim},
};
// clang-format on

}  // namespace

std::span<const Operation> operations() { return kOperations; }

}  // namespace marconi::api
