using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Protocol.Server;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Handshake;
using BlockProxy.Proxy.Wire.Portmap;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.UnitTests.Posix;
using BlockProxy.Volgen;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Server;

/// <summary>SETVOLUME and what comes before it. gluster-rpc section 11.</summary>
public sealed class LoginTests
{
    private ServedBrick _brick = null!;

    [SetUp]
    public async Task Start() => _brick = await ServedBrick.StartAsync();

    [TearDown]
    public ValueTask Stop() => _brick.DisposeAsync();

    [Test]
    public async Task A_login_answers_what_clients_look_for()
    {
        var reply = await _brick.Connect().LoginAsync(ServedBrick.Name);

        Assert.That(reply.Result, Is.Zero);
        Assert.That(reply.Dict!.GetText(SetVolumeKeys.Error), Is.EqualTo("Success"));
        Assert.That(reply.Dict!.GetText(SetVolumeKeys.ChildUp), Is.EqualTo("1"));
        Assert.That(reply.Dict!.GetText(SetVolumeKeys.VolumeId), Is.EqualTo(TemporaryBrick.Volume.ToString()));
        Assert.That(reply.Dict!.GetText(SetVolumeKeys.ProcessUuid), Does.StartWith("CTX_ID:"));
        Assert.That(reply.Dict!.GetText(SetVolumeKeys.ClientLkVersion), Is.EqualTo("0"));
    }

    [TestCase(SetVolumeKeys.RemoteSubvolume, "/nope", Errno.ENOENT)]
    [TestCase(SetVolumeKeys.RemoteSubvolume, "", Errno.EINVAL)]
    [TestCase(SetVolumeKeys.ProcessUuid, "", Errno.EINVAL)]
    [TestCase(SetVolumeKeys.FopsVersion, "400", Errno.EINVAL)]
    [TestCase(SetVolumeKeys.VolumeId, "11111111-2222-3333-4444-555555555555", Errno.EINVAL)]
    [TestCase(SetVolumeKeys.SubdirMount, "/somewhere", Errno.ENOENT)]
    public async Task A_login_that_does_not_fit_is_refused_and_the_connection_stays(string key, string value, Errno errno)
    {
        var peer = _brick.Connect();

        var refused = await peer.LoginAsync(ServedBrick.Name, change: options => options.Add(key, value));

        Assert.That((refused.Result, (Errno)refused.Errno), Is.EqualTo((-1, errno)));
        Assert.That(refused.Dict!.GetText(SetVolumeKeys.Error), Is.Not.Empty);
        Assert.That((await peer.LoginAsync(ServedBrick.Name)).Result, Is.Zero);
    }

    [Test]
    public async Task A_login_without_options_or_with_undecodable_ones_is_refused()
    {
        var peer = _brick.Connect();

        var empty = (await peer.CallAsync(RpcProgram.Handshake, (uint)HandshakeProcedure.SetVolume, new SetVolumeRequest(null))).As<DictReply>();
        Assert.That((empty.Result, (Errno)empty.Errno), Is.EqualTo((-1, Errno.EINVAL)));
        var garbage = await peer.CallAsync(RpcProgram.Handshake, (uint)HandshakeProcedure.SetVolume, [0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff]);
        Assert.That(garbage.Header.Accept, Is.EqualTo(AcceptStatus.GarbageArguments));
    }

    [Test]
    public async Task A_fop_before_the_login_is_garbage_and_the_connection_stays()
    {
        var peer = _brick.Connect();
        var xid = peer.BeginFop<StatRequest, IattReply>(new(Loc.Of(new Inode(Gfid.Root))));

        Assert.That((await peer.AnswerAsync(xid)).Header.Accept, Is.EqualTo(AcceptStatus.GarbageArguments));
        Assert.That((await peer.LoginAsync(ServedBrick.Name)).Result, Is.Zero);
    }

    [Test]
    public async Task A_wrong_password_is_refused_with_the_errno_that_clients_take_for_final()
    {
        await _brick.DisposeAsync();
        var auth = Auth("auth.login./brick.allow", "alice", "auth.login.alice.password", "secret", "auth.addr./brick.allow", "*");
        _brick = await ServedBrick.StartAsync(o => o with { Auth = auth });

        var refused = await _brick.Connect().LoginAsync(ServedBrick.Name, change: options =>
        {
            options.Add(SetVolumeKeys.UserName, "alice");
            options.Add(SetVolumeKeys.Password, "guess");
        });

        Assert.That((refused.Result, (Errno)refused.Errno, refused.Dict!.GetText(SetVolumeKeys.Error)), Is.EqualTo((-1, Errno.EACCES, "Authentication failed")));
    }

    // subvolume allow lists, address, user, password -> allowed
    [TestCase("*", null, "10.0.0.1", null, null, ExpectedResult = true)]
    [TestCase("10.0.0.*", null, "10.0.0.1", null, null, ExpectedResult = true)]
    [TestCase("10.0.0.*, 192.168.1.1", null, "192.168.1.1", null, null, ExpectedResult = true)]
    [TestCase("10.0.0.*", null, "10.0.1.1", null, null, ExpectedResult = false)]
    [TestCase("*", "10.0.0.9", "10.0.0.9", null, null, ExpectedResult = false)]
    [TestCase("*", "10.0.0.9", "10.0.0.9", "alice", "secret", ExpectedResult = false)]
    [TestCase("*", null, "10.0.0.1", "alice", "secret", ExpectedResult = true)]
    [TestCase("*", null, "10.0.0.1", "alice", "wrong", ExpectedResult = false)]
    [TestCase("*", null, "10.0.0.1", "alice", null, ExpectedResult = false)]
    [TestCase("*", null, "10.0.0.1", "nobody", "x", ExpectedResult = true)]
    [TestCase("1.1.1.1", null, "10.0.0.1", "alice", "secret", ExpectedResult = true)]
    [TestCase("1.1.1.1", null, "10.0.0.1", "nobody", "x", ExpectedResult = false)]
    [TestCase(null, null, "10.0.0.1", null, null, ExpectedResult = false)]
    public bool Addresses_and_passwords_decide_together(string? allow, string? reject, string address, string? user, string? password)
    {
        List<string> options = ["auth.login./brick.allow", "alice", "auth.login.alice.password", "secret"];
        if (allow is not null)
            options.AddRange(["auth.addr./brick.allow", allow]);
        if (reject is not null)
            options.AddRange(["auth.addr./brick.reject", reject]);
        return Auth([.. options]).Allows(ServedBrick.Name, address, user, password);
    }

    [Test]
    public async Task The_port_of_the_brick_is_this_one_and_a_volfile_is_given_only_where_one_is_kept()
    {
        var peer = _brick.Connect();
        var unknown = (await peer.CallAsync(RpcProgram.Portmap, (uint)PortmapProcedure.PortByBrick, new PortByBrickRequest("/other"))).As<PortByBrickReply>();
        Assert.That(unknown, Is.EqualTo(PortByBrickReply.Unknown));
        var none = (await peer.CallAsync(RpcProgram.Handshake, (uint)HandshakeProcedure.GetSpec, new GetSpecRequest("v", null))).As<GetSpecReply>();
        Assert.That((none.Result, (Errno)none.Errno), Is.EqualTo((-1, Errno.ENOSYS)), "as bricks answer");
    }

    [Test]
    public async Task A_brick_that_listens_hands_out_its_port_and_a_volfile_that_parses()
    {
        await _brick.DisposeAsync();
        _brick = await ServedBrick.StartAsync(o => o with { VolumeName = "vol", Listen = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 24300) });
        var peer = _brick.Connect();

        var port = (await peer.CallAsync(RpcProgram.Portmap, (uint)PortmapProcedure.PortByBrick, new PortByBrickRequest(ServedBrick.Name))).As<PortByBrickReply>();
        Assert.That((port.IsKnown, port.Port), Is.EqualTo((true, 24300)));
        var spec = (await peer.CallAsync(RpcProgram.Handshake, (uint)HandshakeProcedure.GetSpec, new GetSpecRequest("/vol", null))).As<GetSpecReply>();
        Assert.That(spec.Result, Is.EqualTo(spec.Volfile.Length));
        var parsed = VolfileParser.Parse(spec.Volfile);
        Assert.That(parsed.Volfile!.Volumes[0].Options.Select(o => (o.Key, o.Value)), Does.Contain(("remote-port", "24300")).And.Contain(("remote-subvolume", ServedBrick.Name)));
        var other = (await peer.CallAsync(RpcProgram.Handshake, (uint)HandshakeProcedure.GetSpec, new GetSpecRequest("other", null))).As<GetSpecReply>();
        Assert.That((other.Result, (Errno)other.Errno), Is.EqualTo((-1, Errno.ENOENT)));
    }

    private static ServerAuth Auth(params string[] pairs) =>
        ServerAuth.From([.. pairs.Chunk(2).Select(pair => new VolfileOption(pair[0], pair[1], default))]);
}
