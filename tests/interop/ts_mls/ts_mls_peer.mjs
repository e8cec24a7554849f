// The same test interface as mls_peer, spoken by ts-mls. Not in it, because ts-mls has no call for
// them: UpdateProposal, ResumptionPSKProposal, external signers, PSKs in an external join, a forced
// or omitted path. TS_MLS_DIR: the folder where ts-mls is installed.
//
// ts-mls 2.0.0-rc.10 writes and reads the external_pub extension as the bare key, where RFC 9420
// §12.4.3.2 has a struct with an opaque<V> in it: put right here, on the way in and out.
import { createInterface } from "node:readline"
import { pathToFileURL } from "node:url"
import { join } from "node:path"

const root = join(process.env.TS_MLS_DIR ?? ".", "node_modules", "ts-mls", "dist", "src")
const load = (file) => import(pathToFileURL(join(root, file)).href)
const mls = await load("index.js")
const { ratchetTreeEncoder, ratchetTreeDecoder } = await load("ratchetTree.js")
const { groupContextExtensionDecoder } = await load("extension.js")
const { signGroupInfo } = await load("groupInfo.js")
const { joinGroupFromBranch, joinGroupFromReinit, branchGroup, reinitCreateNewGroup } = mls

const SUITE = "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519"
const suite = await mls.getCiphersuiteImpl(SUITE)
const hex = (bytes) => Buffer.from(bytes ?? []).toString("hex")
const unhex = (text) => new Uint8Array(Buffer.from(text ?? "", "hex"))
const message = (text) => mls.decode(mls.mlsMessageDecoder, unhex(text))
const encoded = (value) => hex(mls.encode(mls.mlsMessageEncoder, value))

let lastId = 0
const groups = new Map() // state, identity, encrypt, psks, known proposals, pending
const keyPackages = new Map()
const reinits = new Map()

// Members are the same if their identities are: how a joiner finds its own old leaf.
const sameIdentity = {
  compareKeyPackages: (a, b) => hex(a.leafNode.credential.identity) === hex(b.leafNode.credential.identity),
  compareKeyPackageToLeafNode: (a, b) => hex(a.leafNode.credential.identity) === hex(b.credential.identity),
}
const clientConfig = {
  keyRetentionConfig: mls.defaultKeyRetentionConfig,
  lifetimeConfig: mls.defaultLifetimeConfig,
  keyPackageEqualityConfig: sameIdentity,
  paddingConfig: mls.defaultPaddingConfig,
}
const contextWith = (psks) => ({
  cipherSuite: suite,
  authService: mls.unsafeTestingAuthenticationService,
  externalPsks: psks ?? {},
  clientConfig,
})
const base64 = (text) => mls.bytesToBase64(unhex(text))

function find(map, id, what) {
  const found = map.get(id)
  if (found === undefined) throw new Error(`no such ${what}`)
  return found
}
function keep(group) {
  groups.set(++lastId, group)
  return lastId
}
async function newKeyPackage(identity) {
  return mls.generateKeyPackage({
    credential: { credentialType: mls.defaultCredentialTypes.basic, identity: unhex(identity) },
    cipherSuite: suite,
  })
}
const keyPackageOf = (text) => message(text).keyPackage
const treeOf = (text) => (text ? mls.decode(ratchetTreeDecoder, unhex(text)) : undefined)
const authenticator = (state) => hex(state.keySchedule.epochAuthenticator)

function describe(group, description) {
  const word = description.proposal_type
  const type = /^([0-9a-f]{2})+$/.test(word) && word !== "add" ? Buffer.from(word, "hex").toString() : word
  const types = mls.defaultProposalTypes
  switch (type) {
    case "add":
      return { proposalType: types.add, add: { keyPackage: keyPackageOf(description.key_package) } }
    case "remove":
      return { proposalType: types.remove, remove: { removed: leafOf(group, description.removed_id) } }
    case "externalPSK":
      return externalPsk(description.psk_id)
    case "groupContextExtensions":
      return extensionsProposal(description.extensions)
    case "reinit":
      return reinit(description)
    default:
      throw new Error(`proposal type ${type}`)
  }
}
function leafOf(group, identity) {
  const tree = group.state.ratchetTree
  const at = tree.findIndex(
    (node) => node?.nodeType === mls.nodeTypes.leaf && hex(node.leaf.credential.identity) === identity,
  )
  if (at < 0) throw new Error("no such member")
  return at / 2
}
function externalPsk(id) {
  const preSharedKeyId = {
    psktype: mls.pskTypes.external,
    pskId: unhex(id),
    pskNonce: suite.rng.randomBytes(suite.kdf.size),
  }
  return { proposalType: mls.defaultProposalTypes.psk, psk: { preSharedKeyId } }
}
function extensionList(list) {
  return (list ?? []).map(({ extension_type, extension_data }) => {
    const data = unhex(extension_data)
    if (data.length >= 64) throw new Error("extension too long for this peer")
    const head = new Uint8Array([extension_type >> 8, extension_type & 255, data.length])
    return mls.decode(groupContextExtensionDecoder, new Uint8Array([...head, ...data]))
  })
}
const extensionsProposal = (list) => ({
  proposalType: mls.defaultProposalTypes.group_context_extensions,
  groupContextExtensions: { extensions: extensionList(list) },
})
const reinit = ({ group_id, cipher_suite, extensions }) => ({
  proposalType: mls.defaultProposalTypes.reinit,
  reinit: {
    groupId: unhex(group_id),
    version: mls.protocolVersions.mls10,
    cipherSuite: cipher_suite,
    extensions: extensionList(extensions),
  },
})

async function propose(group, proposal) {
  const made = await mls.createProposal({
    context: contextWith(group.psks),
    state: group.state,
    wireAsPublicMessage: !group.encrypt,
    proposal,
  })
  group.state = made.newState
  const text = encoded(made.message)
  group.known.add(text)
  return { proposal: text }
}
async function receive(group, state, text) {
  const parsed = message(text)
  const common = { context: contextWith(group.psks), state }
  if (parsed.wireformat === mls.wireformats.mls_public_message)
    return mls.processPublicMessage({ ...common, publicMessage: parsed.publicMessage })
  return mls.processPrivateMessage({ ...common, privateMessage: parsed.privateMessage })
}
// The state after these proposals; those it has seen before are left out.
async function take(group, proposals) {
  let state = group.state
  for (const text of proposals ?? []) {
    if (!group.known.has(text)) state = (await receive(group, state, text)).newState
  }
  return state
}
function moveOn(group, state) {
  group.state = state
  group.known = new Set()
  group.pending = undefined
}
async function commit(group, request) {
  const state = await take(group, request.by_reference)
  const made = await mls.createCommit({
    context: contextWith(group.psks),
    state,
    wireAsPublicMessage: !group.encrypt,
    extraProposals: (request.by_value ?? []).map((one) => describe(group, one)),
    ratchetTreeExtension: !request.external_tree,
  })
  // The commit used up a key of the old epoch's ratchet, but the old state goes anyway.
  group.pending = made.newState
  const answer = { commit: encoded(made.commit) }
  if (made.welcome) answer.welcome = encoded(made.welcome)
  if (request.external_tree) answer.ratchet_tree = hex(mls.encode(ratchetTreeEncoder, made.newState.ratchetTree))
  return answer
}
async function handle(group, request) {
  const result = await receive(group, await take(group, request.proposal), request.commit)
  return result.newState
}
async function finishReInit(group, state) {
  if (state.groupActiveState.kind !== "suspendedPendingReinit") throw new Error("no reinit")
  moveOn(group, state)
  const own = await newKeyPackage(group.identity)
  reinits.set(++lastId, { group, own, reinit: state.groupActiveState.reinit })
  return {
    reinit_id: lastId,
    key_package: keyPackageMessage(own),
    epoch_authenticator: authenticator(state),
  }
}
const keyPackageMessage = (own) =>
  encoded({
    keyPackage: own.publicPackage,
    wireformat: mls.wireformats.mls_key_package,
    version: mls.protocolVersions.mls10,
  })
function subgroup(parent, made, request) {
  const id = keep({ ...parent, state: made.newState, known: new Set(), pending: undefined })
  const answer = { state_id: id, epoch_authenticator: authenticator(made.newState) }
  if (made.welcome) answer.welcome = encoded(made.welcome)
  // ts-mls leaves the tree out of these welcomes, so it is always handed over beside.
  answer.ratchet_tree = hex(mls.encode(ratchetTreeEncoder, made.newState.ratchetTree))
  return answer
}
function joined(parent, state) {
  const id = keep({ ...parent, state, known: new Set(), pending: undefined })
  return { state_id: id, epoch_authenticator: authenticator(state) }
}

const isExternalPub = (one) => one.extensionType === mls.defaultExtensionTypes.external_pub

async function makeGroupInfo(state, withTree) {
  const make = withTree ? mls.createGroupInfoWithExternalPubAndRatchetTree : mls.createGroupInfoWithExternalPub
  const { signature, ...info } = await make(state, [], suite)
  info.extensions = info.extensions.map((one) =>
    isExternalPub(one)
      ? { ...one, extensionData: new Uint8Array([one.extensionData.length, ...one.extensionData]) }
      : one,
  )
  return signGroupInfo(info, state.signaturePrivateKey, suite.signature)
}
// The signature is over the extension as it came; only whoever looks for the key gets it bare.
function withBareExternalPub(groupInfo) {
  const find = Array.prototype.find
  groupInfo.extensions.find = function (wanted) {
    const found = find.call(this, wanted)
    return found && isExternalPub(found) ? { ...found, extensionData: found.extensionData.slice(1) } : found
  }
  return groupInfo
}

const calls = {
  Name: async () => ({ name: "ts-mls" }),
  SupportedCiphersuites: async () => ({ ciphersuites: [3] }),
  async CreateGroup({ group_id, identity, encrypt_handshake }) {
    const own = await newKeyPackage(identity)
    const state = await mls.createGroup({
      context: contextWith(),
      groupId: unhex(group_id),
      keyPackage: own.publicPackage,
      privateKeyPackage: own.privatePackage,
    })
    return { state_id: keep({ state, identity, encrypt: !!encrypt_handshake, psks: {}, known: new Set() }) }
  },
  async CreateKeyPackage({ identity }) {
    const own = await newKeyPackage(identity)
    keyPackages.set(++lastId, { own, identity, psks: {} })
    return { transaction_id: lastId, key_package: keyPackageMessage(own) }
  },
  async JoinGroup({ transaction_id, welcome, encrypt_handshake, ratchet_tree }) {
    const waiting = find(keyPackages, transaction_id, "transaction")
    const state = await mls.joinGroup({
      context: contextWith(waiting.psks),
      welcome: message(welcome).welcome,
      keyPackage: waiting.own.publicPackage,
      privateKeys: waiting.own.privatePackage,
      ratchetTree: treeOf(ratchet_tree),
    })
    keyPackages.delete(transaction_id)
    return joined({ identity: waiting.identity, encrypt: !!encrypt_handshake, psks: waiting.psks }, state)
  },
  async ExternalJoin({ group_info, ratchet_tree, encrypt_handshake, identity, remove_prior }) {
    const own = await newKeyPackage(identity)
    const made = await mls.joinGroupExternal({
      context: contextWith(),
      groupInfo: withBareExternalPub(message(group_info).groupInfo),
      keyPackage: own.publicPackage,
      privateKeys: own.privatePackage,
      resync: !!remove_prior,
      tree: treeOf(ratchet_tree),
    })
    const commitMessage = encoded({
      publicMessage: made.publicMessage,
      wireformat: mls.wireformats.mls_public_message,
      version: mls.protocolVersions.mls10,
    })
    return { ...joined({ identity, encrypt: !!encrypt_handshake, psks: {} }, made.newState), commit: commitMessage }
  },
  async GroupInfo({ state_id, external_tree }) {
    const { state } = find(groups, state_id, "state")
    const groupInfo = await makeGroupInfo(state, !external_tree)
    const answer = {
      group_info: encoded({
        groupInfo,
        wireformat: mls.wireformats.mls_group_info,
        version: mls.protocolVersions.mls10,
      }),
    }
    if (external_tree) answer.ratchet_tree = hex(mls.encode(ratchetTreeEncoder, state.ratchetTree))
    return answer
  },
  StateAuth: async ({ state_id }) => ({
    state_auth_secret: authenticator(find(groups, state_id, "state").state),
  }),
  async Export({ state_id, label, context, key_length }) {
    const { state } = find(groups, state_id, "state")
    const secret = await mls.mlsExporter(
      state.keySchedule.exporterSecret, label, unhex(context), key_length, suite,
    )
    return { exported_secret: hex(secret) }
  },
  async Protect({ state_id, plaintext, authenticated_data }) {
    const group = find(groups, state_id, "state")
    const made = await mls.createApplicationMessage({
      context: contextWith(group.psks),
      state: group.state,
      message: unhex(plaintext),
      authenticatedData: unhex(authenticated_data),
    })
    group.state = made.newState
    return { ciphertext: encoded(made.message) }
  },
  async Unprotect({ state_id, ciphertext }) {
    const group = find(groups, state_id, "state")
    const opened = await receive(group, group.state, ciphertext)
    if (opened.kind !== "applicationMessage") throw new Error("not an application message")
    group.state = opened.newState
    return { authenticated_data: hex(opened.aad), plaintext: hex(opened.message) }
  },
  async StorePSK({ state_or_transaction_id, psk_id, psk_secret }) {
    const place = groups.get(state_or_transaction_id) ?? find(keyPackages, state_or_transaction_id, "id")
    place.psks[base64(psk_id)] = unhex(psk_secret)
    return {}
  },
  AddProposal: async ({ state_id, key_package }) =>
    propose(find(groups, state_id, "state"), describe(null, { proposal_type: "add", key_package })),
  async RemoveProposal({ state_id, removed_id }) {
    const group = find(groups, state_id, "state")
    return propose(group, describe(group, { proposal_type: "remove", removed_id }))
  },
  ExternalPSKProposal: async ({ state_id, psk_id }) =>
    propose(find(groups, state_id, "state"), externalPsk(psk_id)),
  GroupContextExtensionsProposal: async ({ state_id, extensions }) =>
    propose(find(groups, state_id, "state"), extensionsProposal(extensions)),
  ReInitProposal: async (request) => propose(find(groups, request.state_id, "state"), reinit(request)),
  Commit: async (request) => commit(find(groups, request.state_id, "state"), request),
  ReInitCommit: async (request) => commit(find(groups, request.state_id, "state"), request),
  async HandleCommit(request) {
    const group = find(groups, request.state_id, "state")
    const state = await handle(group, request)
    moveOn(group, state)
    const answer = { state_id: request.state_id }
    if (state.groupActiveState.kind !== "removedFromGroup") answer.epoch_authenticator = authenticator(state)
    return answer
  },
  async HandlePendingCommit({ state_id }) {
    const group = find(groups, state_id, "state")
    moveOn(group, group.pending)
    return { state_id, epoch_authenticator: authenticator(group.state) }
  },
  async HandleReInitCommit(request) {
    const group = find(groups, request.state_id, "state")
    return finishReInit(group, await handle(group, request))
  },
  async HandlePendingReInitCommit({ state_id }) {
    const group = find(groups, state_id, "state")
    return finishReInit(group, group.pending)
  },
  async ReInitWelcome(request) {
    const old = find(reinits, request.reinit_id, "reinit")
    const made = await reinitCreateNewGroup({
      context: contextWith(old.group.psks),
      state: old.group.state,
      keyPackage: old.own.publicPackage,
      privateKeyPackage: old.own.privatePackage,
      memberKeyPackages: (request.key_package ?? []).map(keyPackageOf),
      groupId: old.reinit.groupId,
      cipherSuite: SUITE,
      extensions: old.reinit.extensions,
    })
    return subgroup(old.group, made, request)
  },
  async HandleReInitWelcome({ reinit_id, welcome, ratchet_tree }) {
    const old = find(reinits, reinit_id, "reinit")
    const state = await joinGroupFromReinit({
      context: contextWith(old.group.psks),
      suspendedState: old.group.state,
      welcome: message(welcome).welcome,
      keyPackage: old.own.publicPackage,
      privateKeyPackage: old.own.privatePackage,
      ratchetTree: treeOf(ratchet_tree),
    })
    return joined(old.group, state)
  },
  async CreateBranch(request) {
    const parent = find(groups, request.state_id, "state")
    const own = await newKeyPackage(parent.identity)
    const made = await branchGroup({
      context: contextWith(parent.psks),
      state: parent.state,
      keyPackage: own.publicPackage,
      privateKeyPackage: own.privatePackage,
      memberKeyPackages: (request.key_packages ?? []).map(keyPackageOf),
      newGroupId: unhex(request.group_id),
    })
    return subgroup(parent, made, request)
  },
  async HandleBranch({ state_id, transaction_id, welcome, ratchet_tree }) {
    const parent = find(groups, state_id, "state")
    const waiting = find(keyPackages, transaction_id, "transaction")
    const state = await joinGroupFromBranch({
      context: contextWith(waiting.psks),
      oldState: parent.state,
      welcome: message(welcome).welcome,
      keyPackage: waiting.own.publicPackage,
      privateKeyPackage: waiting.own.privatePackage,
      ratchetTree: treeOf(ratchet_tree),
    })
    return joined({ ...parent, psks: waiting.psks }, state)
  },
  async NewMemberAddProposal({ group_info, identity }) {
    const own = await newKeyPackage(identity)
    const made = await mls.proposeAddExternal(
      message(group_info).groupInfo, own.publicPackage, own.privatePackage, suite,
    )
    keyPackages.set(++lastId, { own, identity, psks: {} })
    return { transaction_id: lastId, proposal: encoded(made) }
  },
  async Free({ state_id }) {
    find(groups, state_id, "state")
    groups.delete(state_id)
    return {}
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer
  try {
    const { rpc, req } = JSON.parse(line)
    if (calls[rpc] === undefined) throw new Error(`no such call: ${rpc}`)
    answer = { ok: true, resp: await calls[rpc](req ?? {}) }
  } catch (error) {
    answer = { ok: false, error: `${error.name}: ${error.message}` }
  }
  process.stdout.write(JSON.stringify(answer) + "\n")
}
