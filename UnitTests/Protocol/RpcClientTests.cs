using System.Buffers.Binary;
using BlockProxy.Io;
using BlockProxy.Proxy.Wire;
using BlockProxy.Proxy.Wire.Dump;
using BlockProxy.Proxy.Wire.Portmap;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Protocol;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RpcClientTests
{
    private readonly RecordingLogger _log = new();
    private readonly TestClock _clock = new();
    private RpcClient _client = null!;
    private ScriptedConnection _server = null!;

    [TearDown]
    public void End()
    {
        _client.Close("test over");
        _server.Dispose();
    }

    [Test]
    public async Task Replies_come_in_any_order()
    {
        Connect();
        var first = AskAsync("one");
        var second = AskAsync("two");
        var calls = new[] { await _server.NextAsync(), await _server.NextAsync() };

        await _server.ReplyAsync(calls[1]!, new PortByBrickReply(0, 0, 0, 2));
        await _server.ReplyAsync(calls[0]!, new PortByBrickReply(0, 0, 0, 1));

        Assert.That(((await first).Reply!.Value.Port, (await second).Reply!.Value.Port), Is.EqualTo((1, 2)));
        Assert.That(calls[0]!.As<PortByBrickRequest>().Brick, Is.EqualTo("one"));
    }

    [Test]
    public async Task A_reply_to_an_unknown_xid_is_ignored_and_reported_once()
    {
        Connect();
        var asked = AskAsync("one");
        var call = (await _server.NextAsync())!;

        await _server.ReplyAsync(call with { Xid = 4711 }, new PortByBrickReply(0, 0, 0, 9));
        await _server.ReplyAsync(call with { Xid = 4712 }, new PortByBrickReply(0, 0, 0, 9));
        await _server.ReplyAsync(call, new PortByBrickReply(0, 0, 0, 1));

        Assert.That((await asked).Reply!.Value.Port, Is.EqualTo(1));
        Assert.That(_log.Lines.Count(l => l.Contains("4711", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(_log.Lines, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_record_larger_than_the_limit_ends_the_connection_before_it_is_read()
    {
        Connect(new RpcClientSettings { RecordLimit = 1024 });
        var asked = AskAsync("one");
        await _server.NextAsync();

        await _server.SendAsync([0x80, 0, 0x04, 0x01]);

        Assert.That(await _client.Ended, Is.EqualTo("it announces a record of 1025 bytes, the limit is 1024"));
        Assert.That((await asked).Failure, Is.EqualTo("the connection ended before it answered"));
        Assert.That(_client.EndedByNonsense, Is.True);
    }

    [TestCase("485454502f312e3120343030204261642052657175657374", "announces a record", TestName = "An_answer_in_HTTP_is_no_answer")]
    [TestCase("80000004" + "00000002", "too short", TestName = "A_record_too_short_to_be_anything_ends_the_connection")]
    [TestCase("80000008" + "00000002" + "00000007", "neither a call nor a reply", TestName = "A_record_of_no_direction_ends_the_connection")]
    [TestCase("8000000c" + "00000002" + "00000001" + "00000009", "cannot be read", TestName = "A_reply_of_no_known_status_ends_the_connection")]
    public async Task Nonsense_ends_the_connection(string sent, string reason)
    {
        Connect();
        var asked = AskAsync("one");
        await _server.NextAsync();

        await _server.SendAsync(Convert.FromHexString(sent));

        Assert.That(await _client.Ended, Does.Contain(reason));
        Assert.That((await asked).Reply, Is.Null);
        Assert.That(_client.EndedByNonsense, Is.True);
    }

    [Test]
    public async Task A_reply_in_many_fragments_of_one_byte_is_one_reply()
    {
        Connect();
        var asked = AskAsync("one");
        var call = (await _server.NextAsync())!;
        var record = new byte[40];
        BinaryPrimitives.WriteUInt32BigEndian(record, call.Xid);
        record[7] = 1; // a reply
        BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(36), 77); // the port

        for (var i = 0; i < record.Length; i++)
            await _server.SendAsync([(byte)(i == record.Length - 1 ? 0x80 : 0), 0, 0, 1, record[i]]);

        Assert.That((await asked).Reply!.Value.Port, Is.EqualTo(77));
    }

    [Test]
    public async Task A_large_reply_is_put_together_outside_the_pipe()
    {
        Connect();
        var asked = _client.CallAsync<DumpRequest, DumpReply>(RpcProgram.Dump, 1, new DumpRequest());
        var call = (await _server.NextAsync())!;
        var programs = Enumerable.Range(0, 200).Select(i => new DumpedProgram(new string('p', 60_000), (ulong)i, 1)).ToList();

        await _server.ReplyAsync(call, new DumpReply(0, 0, programs));

        Assert.That((await asked).Reply!.Value.Programs, Has.Count.EqualTo(200));
    }

    [Test]
    public async Task Calls_of_the_server_are_dispatched_and_never_answered()
    {
        var seen = new List<(RpcProgram, uint)>();
        Connect(callback: (RpcProgram program, uint procedure, ref XdrReader _) => seen.Add((program, procedure)));
        var asked = AskAsync("one");
        var call = (await _server.NextAsync())!;

        await _server.CallBackAsync(call.Xid, CallbackProcedure.FetchSpec); // the same xid: the directions count separately
        await _server.ReplyAsync(call, new PortByBrickReply(0, 0, 0, 1));

        Assert.That((await asked).Reply!.Value.Port, Is.EqualTo(1));
        Assert.That(seen, Is.EqualTo(new[] { (RpcProgram.Callback, (uint)CallbackProcedure.FetchSpec) }));
        var next = AskAsync("two");
        Assert.That((await _server.NextAsync())!.As<PortByBrickRequest>().Brick, Is.EqualTo("two"), "nothing came in between");
        _server.Close();
        await next;
    }

    [Test]
    public async Task Every_call_in_flight_learns_that_the_connection_ended()
    {
        Connect();
        var asked = Enumerable.Range(0, 5).Select(i => AskAsync($"{i}")).ToList();
        for (var i = 0; i < 5; i++)
            await _server.NextAsync();

        _server.Close();

        foreach (var call in asked)
            Assert.That((await call).Failure, Is.EqualTo("the connection ended before it answered"));
        Assert.That(await _client.Ended, Is.EqualTo("it closed the connection"));
        Assert.That((await AskAsync("late")).Failure, Is.EqualTo("the connection ended before it answered"));
    }

    [Test]
    public async Task A_refused_call_says_why_and_the_connection_stays()
    {
        Connect();
        var asked = AskAsync("one");

        await _server.RefuseAsync((await _server.NextAsync())!, AcceptStatus.ProgramUnavailable);

        Assert.That((await asked).Failure, Does.Contain("PROG_UNAVAIL"));
        Assert.That(_client.IsOpen, Is.True);
    }

    [Test]
    public async Task A_server_that_falls_silent_is_pinged_and_then_given_up()
    {
        Connect(new RpcClientSettings { PingTimeout = TimeSpan.FromSeconds(40) });
        var asked = AskAsync("one");
        await _server.NextAsync();

        _clock.Advance(TimeSpan.FromSeconds(10));
        await _server.ExpectAsync(RpcProgram.Dump, (uint)DumpProcedure.Ping);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.That(_client.IsOpen, Is.True);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await _client.Ended, Is.EqualTo("it has not answered for the time of ping-timeout"));
        Assert.That((await asked).Reply, Is.Null);
    }

    [Test]
    public async Task A_server_that_answers_pings_may_take_its_time_for_the_rest()
    {
        Connect(new RpcClientSettings { PingTimeout = TimeSpan.FromSeconds(40) });
        var asked = AskAsync("one");
        var slow = (await _server.NextAsync())!;

        for (var i = 0; i < 20; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            var ping = await _server.ExpectAsync(RpcProgram.Dump, (uint)DumpProcedure.Ping);
            await _server.ReplyAsync(ping, new PingReply(0, 0));
            while (_client.Calls.Count > 1)
                await Task.Yield();
            _clock.Advance(TimeSpan.FromSeconds(10));
        }

        await _server.ReplyAsync(slow, new PortByBrickReply(0, 0, 0, 1));
        Assert.That((await asked).Reply!.Value.Port, Is.EqualTo(1));
    }

    [Test]
    public async Task An_idle_connection_is_not_pinged()
    {
        Connect(new RpcClientSettings { PingTimeout = TimeSpan.FromSeconds(40) });
        var asked = AskAsync("one");
        await _server.ReplyAsync((await _server.NextAsync())!, new PortByBrickReply(0, 0, 0, 1));
        await asked;

        _clock.Advance(TimeSpan.FromHours(1));

        Assert.That(_clock.Waiting, Is.Zero, "the timer stands still");
        Assert.That(_client.IsOpen, Is.True);
        Assert.That(_client.Calls.Count, Is.Zero);
    }

    [Test]
    public async Task A_single_call_without_a_reply_is_given_up_after_the_frame_timeout()
    {
        Connect(new RpcClientSettings { FrameTimeout = TimeSpan.FromSeconds(1800) });
        var asked = AskAsync("one");
        await _server.NextAsync();

        _clock.Advance(TimeSpan.FromSeconds(1799));
        Assert.That(asked.IsCompleted, Is.False);
        _clock.Advance(TimeSpan.FromSeconds(900));

        Assert.That((await asked).Failure, Is.EqualTo("it did not answer"));
        Assert.That(_client.IsOpen, Is.True);
        Assert.That(_log.Lines.Single(), Does.Contain("frame timeout"));
    }

    private void Connect(RpcClientSettings? settings = null, RpcCallbackHandler? callback = null)
    {
        var (near, far) = new MemoryTransport().CreatePair("brick:1", "client");
        _server = new ScriptedConnection(far);
        _client = new RpcClient(near, settings ?? new RpcClientSettings(), _clock, _log) { Callback = callback };
        _client.Start();
    }

    private Task<RpcResult<PortByBrickReply>> AskAsync(string brick) =>
        _client.CallAsync<PortByBrickRequest, PortByBrickReply>(RpcProgram.Portmap, (uint)PortmapProcedure.PortByBrick, new PortByBrickRequest(brick));
}

/// <summary>Keeps the log's lines.</summary>
internal sealed class RecordingLogger : ILogger, ILoggerFactory
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
            _lines.Add($"{logLevel}: {formatter(state, exception)}");
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
        // All lines are kept here.
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
