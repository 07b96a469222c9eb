using RawWs.Testing;

namespace RawWs.Fuzz;

/// <summary>
/// One run of the connection target. What the client says is the input; when it says it, and what else happens, is drawn from a generator that the
/// input seeds.
/// </summary>
internal sealed class ConnectionScript
{
    // Keep-alive 20 + 20, then closing 5 + 5; or a handshake of 10 and 5; or a write of 30 and what follows. Each late by a tick or a grace period.
    private const int MostSecondsToEnd = 90;

    // Real time, for whatever the thread pool has not come to yet; only a machine that stands still comes here.
    private const int MostPatience = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    // The other client answers no pings: it speaks before it would have to. It is silent for 6 s more at most.
    private static readonly TimeSpan LongestBystanderSilence = TimeSpan.FromSeconds(8);

    private readonly SplitMix64 _random;
    private readonly ConnectionSetup _setup;
    private readonly TestServer _server;
    private readonly WireClient _bystander;
    private readonly InMemoryConnection _client;
    private readonly Task _served;
    private readonly ServerOutput _output;
    private readonly bool _isDeaf;
    private bool _isEnded;
    private TimeSpan _bystanderSilence;

    private ConnectionScript(SplitMix64 random, ConnectionSetup setup, TestServer server, WireClient bystander)
    {
        (_random, _setup, _server, _bystander) = (random, setup, server, bystander);
        (var serverEnd, _client) = InMemoryConnection.CreatePair(random.Of<int>([64, 1024, 64 * 1024]));
        _isDeaf = random.OneIn(8);
        _output = new ServerOutput(_client.Input);
        _served = server.Server.ServeAsync(serverEnd);
    }

    public static async Task<ulong> RunAsync(byte[] input)
    {
        var random = new SplitMix64(Behaviour.Of(input));
        var setup = ConnectionSetup.Draw(input, random);
        await using var server = await TestServer.StartAsync(setup.Session, setup.Configure);
        await using var bystander = server.Connect();
        await bystander.OpenAsync(path: ConnectionSetup.BystanderPath);

        var script = new ConnectionScript(random, setup, server, bystander);
        await script.SpeakAsync();
        await script.WaitForEndAsync();
        await script.CheckServerAsync();
        return script.CheckOutput();
    }

    private async Task SpeakAsync()
    {
        var arrivals = Arrivals.Random(_setup.Wire.Length, _random);
        var start = 0;
        foreach (var end in arrivals.Ends)
        {
            if (_isEnded || !await TrySendAsync(_setup.Wire.AsMemory(start..end)))
                return;

            start = end;
            await InterfereAsync();
        }

        if (_random.OneIn(2))
            End();
    }

    private async Task<bool> TrySendAsync(ReadOnlyMemory<byte> piece)
    {
        try
        {
            piece.CopyTo(_client.Output.GetMemory(piece.Length));
            _client.Output.Advance(piece.Length);
            await _client.Output.FlushAsync();
            return true;
        }
        catch (IOException)
        {
            // The server has aborted the connection.
            return false;
        }
    }

    private async Task InterfereAsync()
    {
        if (!_isDeaf && _random.OneIn(2))
            _output.Take();

        if (_random.OneIn(8))
            await AdvanceAsync(TimeSpan.FromMilliseconds(_random.Of<int>([20, 150, 1000, 6000])));

        if (_random.OneIn(40))
            End();
    }

    private void End()
    {
        _isEnded = true;
        if (_random.OneIn(2))
            _client.Abort();
        else
            _client.Output.Complete();
    }

    private async Task WaitForEndAsync()
    {
        for (var second = 0; second < MostSecondsToEnd && !_served.IsCompleted; second++)
        {
            if (!_isDeaf)
                _output.Take();

            await AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        for (var wait = 0; wait < MostPatience && !_served.IsCompleted; wait++)
        {
            _output.Take();
            await Task.Delay(Patience);
            await AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        FindingException.ThrowUnless(_served.IsCompleted, $"the connection does not end: {_setup}");
        await _served;
        _output.Take();
    }

    private async Task AdvanceAsync(TimeSpan time)
    {
        _server.Time.Advance(time);
        _bystanderSilence += time;
        await ThreadPoolRest.WaitAsync();

        if (_random.OneIn(4) || _bystanderSilence > LongestBystanderSilence)
            await CheckBystanderAsync();
    }

    private async Task CheckBystanderAsync()
    {
        _bystanderSilence = TimeSpan.Zero;
        await _bystander.SendAsync(WireFrame.MaskedText("still here"));

        var frame = await _bystander.ReadFrameAsync();
        while (frame.Opcode == 9)
            frame = await _bystander.ReadFrameAsync();

        FindingException.ThrowUnless(frame.Text == "still here", $"another client got something else than its echo: {frame}");
    }

    private async Task CheckServerAsync()
    {
        await CheckBystanderAsync();
        var count = _server.Server.ConnectionCount;
        FindingException.ThrowUnless(count == 1, $"the server still counts the connection: {count}");
        var loud = string.Join('\n', _server.Log.AboveDebug);
        FindingException.ThrowUnless(loud.Length == 0, $"what a client did is logged above Debug: {loud}");
    }

    private ulong CheckOutput()
    {
        var transcript = ServerTranscript.Read(_output.Bytes, isCut: _output.IsCut);
        if (_setup.IsEcho)
            transcript.CheckEcho(_setup);

        var behaviour = new Behaviour();
        behaviour.Add(transcript.Status);
        behaviour.Add(transcript.CloseCode);
        behaviour.AddLength(transcript.Messages.Count);
        behaviour.Add(transcript.Deflate is null ? 0 : 1);
        return behaviour.Hash;
    }
}
