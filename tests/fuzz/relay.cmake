# Each call of the relay on its own: bytes -> its request -> the handler's checks -> core, over a store
# in memory with a case under way, and over one restored from a backup. One program, told the call:
#   RENKEI_FUZZ_CALL=Threads.Append build-fuzz/tests/fuzz/relay_rpc_fuzz tests/fuzz/corpus/relay_rpc/Threads.Append
# In ordinary builds CTest replays each call's corpus and mutations of it. First corpora:
# make_relay_corpus tests/fuzz/corpus.
add_library(renkei_fuzz_relay_world STATIC EXCLUDE_FROM_ALL relay_rpc_calls.cc relay_rpc_world.cc)
target_compile_options(renkei_fuzz_relay_world PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(renkei_fuzz_relay_world PUBLIC renkei_server_rpc renkei_crypto_seal
                      renkei_test_relay_request renkei_test_support_store)

set(RENKEI_RELAY_CALLS
  Alerts.Acknowledge
  Directory.ClaimKeyPackages Directory.Publish Directory.PublishRevocations Directory.Sync
  Directory.UploadKeyPackages
  Enrolment.Approve Enrolment.AttachLink Enrolment.CreateTicket Enrolment.GetApproval
  Enrolment.ListRequests Enrolment.SubmitRequest
  Envelopes.Fetch Envelopes.FetchPacks
  Mailbox.Ack Mailbox.Fetch
  Threads.Append Threads.AppendClosing Threads.AppendPack Threads.AppendStream Threads.Commit
  Threads.Create Threads.GetGroupInfo
  Threads.GiveBack Threads.List Threads.Read Threads.Watch)
renkei_fuzz(NAME relay_rpc SOURCES relay_rpc.cc DEPS renkei_fuzz_relay_world
            CALLS ${RENKEI_RELAY_CALLS} MUTATIONS 1000)

add_executable(make_relay_corpus make_relay_corpus.cc relay_rpc_seeds.cc)
target_compile_options(make_relay_corpus PRIVATE ${RENKEI_WARNINGS})
target_link_libraries(make_relay_corpus PRIVATE renkei_fuzz_relay_world)
add_test(NAME fuzz.EveryCallOfTheRelayHasItsTargetAndSeeds
         COMMAND make_relay_corpus --check ${CMAKE_CURRENT_SOURCE_DIR}/corpus ${RENKEI_RELAY_CALLS})
