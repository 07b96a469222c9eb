using System.Text.Json;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

public sealed class SocketIOServerOptionsTests
{
    [Fact]
    public async Task Whoever_was_refused_by_a_server_stays_refused_when_its_options_are_used_for_another()
    {
        var options = new SocketIOServerOptions { AllowRequest = (_, _) => new("no") };
        await using var server = await TestServer.StartAsync(map: core =>
        {
            _ = new SocketIOServer(core, options);
            (options.AllowRequest, options.Path) = (null, "/public");
            _ = new SocketIOServer(core, options);
        });
        await using var client = new EngineClient(server);

        var refused = await client.GetAsync("/socket.io/?EIO=4&transport=polling");
        var accepted = await client.GetAsync("/public/?EIO=4&transport=polling");

        Assert.Equal((403, 200), (refused.Status, accepted.Status));
    }

    [Fact]
    public async Task Nothing_that_is_changed_in_options_reaches_a_server_that_was_made_with_them()
    {
        var options = EverythingSet();
        await using var core = new WebSocketServer(new() { AllowNoEndPoints = true });
        var server = new SocketIOServer(core, options);
        var given = ChangedOptions.Describe(options);
        Assert.Equal(given, ChangedOptions.Describe(server.Options));

        var changed = ChangedOptions.Change(options);

        // First that the test is one: whatever is new has to be given a value below, unless its default is one.
        var after = ChangedOptions.Describe(options);
        Assert.All(changed, path => Assert.NotEqual(given[path], after.GetValueOrDefault(path)));
        Assert.Superset(new HashSet<string>(["AllowRequest", "Path", "Cors.Origins", "ConnectionStateRecovery", "ConnectionStateRecovery.MaxEventCount"]), changed.ToHashSet());
        Assert.Equal(given, ChangedOptions.Describe(server.Options));
        await server.CloseAsync();
    }

    private static SocketIOServerOptions EverythingSet() => new()
    {
        Cookie = new SessionCookie(),
        InitialPacket = "hello",
        Cors = new CorsPolicy { Origins = new List<string> { "https://a.example" }, AllowedHeaders = new List<string> { "X-A" }, ExposedHeaders = new List<string> { "X-B" } },
        AllowRequest = (_, _) => new("no"),
        GenerateId = (_, _) => new("id"),
        OnInitialHeaders = (_, _) => { },
        OnHeaders = (_, _) => { },
        OnConnectionError = _ => { },
        ConnectionStateRecovery = new ConnectionStateRecoveryOptions(),
        Adapter = nsp => new SocketIOAdapter(nsp),
        Json = new JsonSerializerOptions(),
        TimeProvider = new ManualTimeProvider(),
        LoggerFactory = new RecordingLoggerFactory(),
    };
}
