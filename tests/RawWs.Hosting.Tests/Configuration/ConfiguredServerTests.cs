using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RawWs.Hosting.Configuration;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Hosting.Tests.Configuration;

public sealed class ConfiguredServerTests
{
    [Fact]
    public void Every_option_is_known()
        => Assert.Equal(typeof(WebSocketServerOptions).GetProperties().Select(property => property.Name).Order(), ConfiguredServer.Names.Order());

    [Fact]
    public void Every_option_of_draining_is_known()
        => Assert.Equal(typeof(DrainOptions).GetProperties().Select(property => property.Name).Order(), ConfiguredDrain.Names.Order());

    // Each by itself, so that no option is taken for another: whatever is set, one property changes.
    [Fact]
    public void Every_option_that_is_text_sets_its_own_property_and_no_other()
    {
        var defaults = ValuesOf(new WebSocketServerOptions());

        foreach (var property in typeof(WebSocketServerOptions).GetProperties())
        {
            if (TextFor(property.PropertyType, property.GetValue(new WebSocketServerOptions())) is not { } text)
                continue;

            var values = ValuesOf(Bind((property.Name, text)));
            Assert.Equal([property.Name], values.Keys.Where(name => !Equals(values[name], defaults[name])));
        }
    }

    [Theory]
    [InlineData("MaxMessageSize", "1 MiB", "RawWs:MaxMessageSize: '1 MiB' is not a whole number of at most 2147483647, without unit or separators.")]
    [InlineData("MaxMessageSize", "99999999999", "RawWs:MaxMessageSize: '99999999999' is not a whole number of at most 2147483647, without unit or separators.")]
    [InlineData("MaxMessageSize", "1,000", "RawWs:MaxMessageSize: '1,000' is not a whole number of at most 2147483647, without unit or separators.")]
    [InlineData("MaxHeaderCount", "5", "RawWs:MaxHeaderCount: MaxHeaderCount is 8 to 10000. The value is '5'.")]
    [InlineData("IdleTimeout", "20", "RawWs:IdleTimeout: '20' is not a time such as 00:00:20, or infinite.")]
    [InlineData("IdleTimeout", "00:00:00", "RawWs:IdleTimeout: IdleTimeout is a positive time of at most 24 days, or Timeout.InfiniteTimeSpan for never. The value is '00:00:00'.")]
    [InlineData("Compression", "2", "RawWs:Compression: '2' is not one of Off, Shared, Dedicated.")]
    [InlineData("SendPolicy", "DropNewest,DropOldest", "RawWs:SendPolicy: 'DropNewest,DropOldest' is not one of Wait, DropNewest, DropOldest, Conflate, Disconnect.")]
    [InlineData("TrustedProxies", "10.0.0.0/33", "RawWs:TrustedProxies: '10.0.0.0/33' is no network such as 10.0.0.0/8 or ::1/128.")]
    [InlineData("TrustedProxies", "10.1.2.3/8", "RawWs:TrustedProxies: '10.1.2.3/8' has bits behind its prefix; write 10.0.0.0/8 for all of that network, or 10.1.2.3/32 for the address alone.")]
    [InlineData("TrustedProxies", "fd00::1/8", "RawWs:TrustedProxies: 'fd00::1/8' has bits behind its prefix; write fd00::/8 for all of that network, or fd00::1/128 for the address alone.")]
    [InlineData("TrustedProxies", "10.1/16", "RawWs:TrustedProxies: '10.1/16' is no network such as 10.0.0.0/8 or ::1/128.")]
    [InlineData("TrustedProxies", "10/8", "RawWs:TrustedProxies: '10/8' is no network such as 10.0.0.0/8 or ::1/128.")]
    [InlineData("AutomaticPong", "yes", "RawWs:AutomaticPong: 'yes' is not true or false.")]
    [InlineData("MaxByteRate", "1:2:3", "RawWs:MaxByteRate: '1:2:3' is not a number per second such as 100, with a burst behind it as 100:500 if it is to be another, or none.")]
    [InlineData("MaxByteRate", "1,000", "RawWs:MaxByteRate: '1,000' is not a number per second such as 100, with a burst behind it as 100:500 if it is to be another, or none.")]
    [InlineData("MaxByteRate", "1,000:500", "RawWs:MaxByteRate: '1,000:500' is not a number per second such as 100, with a burst behind it as 100:500 if it is to be another, or none.")]
    [InlineData("MaxByteRate", "100: 500", "RawWs:MaxByteRate: '100: 500' is not a number per second such as 100, with a burst behind it as 100:500 if it is to be another, or none.")]
    [InlineData("MaxByteRate", "0", "RawWs:MaxByteRate: PerSecond is 1 to 100000000000. The value is '0'.")]
    [InlineData("Transport", "pigeon", "RawWs:Transport: 'pigeon' is neither Sockets nor EventLoop.")]
    [InlineData("OriginPolicy", "nobody", "RawWs:OriginPolicy: 'nobody' is no origin; write it as browsers send it: https://example.com or https://*.example.com, without a path or a default port, other letters as xn--…. The value is 'nobody'.")]
    [InlineData("OriginPolicy:0", "any", "RawWs:OriginPolicy: 'any' is no origin; write it as browsers send it: https://example.com or https://*.example.com, without a path or a default port, other letters as xn--….")]
    [InlineData("MaxMesageSize", "1", "RawWs:MaxMesageSize: there is no such option.")]
    [InlineData("Tls:Certificates:0", "x", "RawWs:Tls: this option is set in code.")]
    [InlineData("tls", "x", "RawWs:tls: this option is set in code.")]
    [InlineData("Subprotocols:0:Name", "x", "RawWs:Subprotocols: the item '0' is no text.")]
    [InlineData("MaxMessageSize:Value", "1", "RawWs:MaxMessageSize: This is not a whole number of at most 2147483647, without unit or separators.")]
    public void What_is_wrong_is_named_with_its_key(string key, string value, string message)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind((key, value)));

        Assert.Equal(message, Assert.Single(error.Failures));
    }

    [Fact]
    public void All_that_is_wrong_is_named_at_once()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind(("MaxMessageSize", "big"), ("IdleTimeout", "long"), ("Backlog", "7"), ("Drain:Window", "5"), ("Drain:Wait", "1")));

        Assert.Equal(["RawWs:Drain:Wait", "RawWs:Drain:Window", "RawWs:IdleTimeout", "RawWs:MaxMessageSize"], error.Failures.Select(failure => failure[..failure.IndexOf(": ", StringComparison.Ordinal)]).Order());
    }

    [Fact]
    public void An_impossible_drain_is_named_with_what_else_is_wrong_with_it()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind(("Drain:Window", "00:00:05"), ("Drain:Timeout", "00:00:01"), ("Drain:Wait", "1")));

        Assert.Equal(["RawWs:Drain:Wait: there is no such option.", "RawWs:Drain:Window: The window of 00:00:05 is longer than the timeout of 00:00:01."], error.Failures);
    }

    [Fact]
    public void A_value_in_the_place_of_the_section_is_refused()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("RawWs", (string?)"http://localhost:3000")]).Build();

        var error = Assert.Throws<OptionsValidationException>(() => new ConfiguredServer(configuration.GetSection("RawWs")).Configure(new WebSocketServerOptions()));
        Assert.Equal(["RawWs: This is no section of options but the value 'http://localhost:3000'."], error.Failures);
    }

    [Fact]
    public void Values_are_read_as_they_are_documented()
    {
        var options = Bind(
            ("idletimeout", "Infinite"), ("KeepAliveInterval", "00:00:07.5"), ("MaxMessageRate", "100"), ("MaxByteRate", "100:500"), ("MaxControlFrameRate", "None"),
            ("Compression", "shared"), ("Subprotocols:0", "v2"), ("Subprotocols:1", "v1"), ("Transport", "Sockets"),
            ("TrustedProxies:0", "10.0.0.0/8"), ("TrustedProxies:1", "::1/128"), ("ForwardingHeaders", "forwarded"), ("ProxyProtocol", "true"), ("TrustUnixSockets", "true"));

        Assert.Equal(Timeout.InfiniteTimeSpan, options.IdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(7.5), options.KeepAliveInterval);
        Assert.Equal(new RateLimit(100, 100), options.MaxMessageRate);
        Assert.Equal(new RateLimit(100, 500), options.MaxByteRate);
        Assert.Null(options.MaxControlFrameRate);
        Assert.Equal(CompressionMode.Shared, options.Compression);
        Assert.Equal(["v2", "v1"], options.Subprotocols);
        Assert.IsType<SocketTransport>(options.Transport);
        Assert.Equal(["10.0.0.0/8", "::1/128"], options.TrustedProxies.Select(network => network.ToString()));
        Assert.Equal((ForwardingHeaders.Forwarded, true, true), (options.ForwardingHeaders, options.ProxyProtocol, options.TrustUnixSockets));
    }

    [Fact]
    public void An_event_loop_is_a_transport_where_there_is_one()
    {
        if (EventLoopTransport.IsSupported)
            Assert.IsType<EventLoopTransport>(Bind(("Transport", "eventloop")).Transport);
        else
            Assert.Throws<OptionsValidationException>(() => Bind(("Transport", "eventloop")));
    }

    [Fact]
    public void An_origin_policy_that_asks_for_cookies_is_that_one()
        => Assert.Same(OriginPolicy.SameHostWithCookie, Bind(("OriginPolicy", "sameHostWithCookie")).OriginPolicy);

    [Fact]
    public void A_list_replaces_what_was_in_it()
    {
        var options = new WebSocketServerOptions { Subprotocols = ["old"] };

        Bind(options, ("Subprotocols:0", "new"));

        Assert.Equal(["new"], options.Subprotocols);
    }

    [Theory]
    [InlineData("Any", true)]
    [InlineData("SameHost", false)]
    public async Task An_origin_policy_has_a_name(string name, bool isAllowed)
    {
        await using var host = await TestHost.StartAsync(server => server.Map("/echo", TestServer.EchoAsync), new() { ["OriginPolicy"] = name });
        Assert.Equal(isAllowed, await IsAllowedAsync(host, "https://elsewhere.example"));
    }

    [Fact]
    public async Task An_origin_policy_is_a_list_of_origins()
    {
        await using var host = await TestHost.StartAsync(server => server.Map("/echo", TestServer.EchoAsync), new() { ["OriginPolicy:0"] = "https://example.com" });

        Assert.True(await IsAllowedAsync(host, "https://example.com"));
        Assert.False(await IsAllowedAsync(host, "https://elsewhere.example"));
    }

    [Fact]
    public async Task A_wrong_setting_fails_the_start_of_the_host()
    {
        await using var host = TestHost.New(server => server.Map("/echo", TestServer.EchoAsync), new() { ["MaxConnections"] = "0" });

        var error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);
        Assert.Contains("RawWs:MaxConnections", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Drain:CloseCode", "1000", "RawWs:Drain:CloseCode: 1000 is no code for stopping; use 1001, 1012, 1013, or one of 3000–4999. The value is '1000'.")]
    [InlineData("Drain:Wndow", "00:00:01", "RawWs:Drain:Wndow: there is no such option.")]
    [InlineData("Drain", "slowly", "RawWs:Drain: This is no section of options but the value 'slowly'.")]
    [InlineData("Drain:Timeout", "00:00:00", "RawWs:Drain:Window: The window of 00:00:05 is longer than the timeout of 00:00:00.")]
    [InlineData("Drain:Reason:Text", "back soon", "RawWs:Drain:Reason: This is not text.")]
    public async Task How_to_stop_is_checked_at_the_start(string key, string value, string message)
    {
        await using var host = TestHost.New(server => server.Map("/echo", TestServer.EchoAsync), new() { ["Drain:Window"] = "00:00:05", [key] = value });

        var error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);
        Assert.Equal([message], error.Failures);
    }

    [Theory]
    [InlineData("Drain:CloseCode", "ServiceRestart", CloseCode.ServiceRestart)]
    [InlineData("Drain:CloseCode", "1013", CloseCode.TryAgainLater)]
    [InlineData("drain:closecode", "servicerestart", CloseCode.ServiceRestart)]
    public async Task How_to_stop_is_configured(string key, string value, CloseCode code)
    {
        await using var host = await TestHost.StartAsync(
            server => server.Map("/echo", TestServer.EchoAsync),
            new() { [key] = value, ["Drain:Reason"] = "back soon", ["Drain:Window"] = "00:00:05", ["Drain:Timeout"] = "00:01:00" });

        var drain = host.Services.GetRequiredService<IOptions<DrainSettings>>().Value.Options;
        Assert.Equal(
            new DrainOptions { CloseCode = code, Reason = "back soon", Window = TimeSpan.FromSeconds(5), Timeout = TimeSpan.FromMinutes(1) }, drain);
    }

    [Fact]
    public async Task Code_has_the_last_word()
    {
        await using var host = await TestHost.StartAsync(
            server => server.Map("/echo", TestServer.EchoAsync).Configure(options => options.MaxMessageSize *= 2), new() { ["MaxMessageSize"] = "1000" });

        Assert.Equal(2_000, host.Services.GetRequiredService<IOptions<WebSocketServerOptions>>().Value.MaxMessageSize);
    }

    [Fact]
    public async Task Code_has_the_last_word_about_stopping_too()
    {
        await using var host = await TestHost.StartAsync(
            server => server.Map("/echo", TestServer.EchoAsync).DrainWith(new DrainOptions { Reason = "gone" }), new() { ["Drain:Reason"] = "back soon", ["Drain:Window"] = "00:00:05" });

        Assert.Equal(new DrainOptions { Reason = "gone" }, host.Services.GetRequiredService<IOptions<DrainSettings>>().Value.Options);
    }

    [Fact]
    public void An_empty_list_is_none() => Assert.Empty(Bind(("Subprotocols", "")).Subprotocols);

    private static WebSocketServerOptions Bind(params (string Key, string Value)[] settings) => Bind(new WebSocketServerOptions(), settings);

    private static WebSocketServerOptions Bind(WebSocketServerOptions options, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create("RawWs:" + setting.Key, (string?)setting.Value)))
            .Build();
        new ConfiguredServer(configuration.GetSection("RawWs")).Configure(options);
        return options;
    }

    private static Dictionary<string, object?> ValuesOf(WebSocketServerOptions options)
        => typeof(WebSocketServerOptions).GetProperties()
            .ToDictionary(property => property.Name, property => property.GetValue(options) is System.Collections.IEnumerable list ? string.Join(", ", list.Cast<object>()) : property.GetValue(options));

    /// <returns>Text for a value that the property takes, and that it does not have; null where it takes no text.</returns>
    private static string? TextFor(Type type, object? current) => type switch
    {
        _ when type == typeof(int) => current is 15 ? "14" : "4321",
        _ when type == typeof(long) => "87654321",
        _ when type == typeof(bool) => current is true ? "false" : "true",
        _ when type == typeof(TimeSpan) => "00:00:01.234",
        _ when type == typeof(RateLimit?) => "12:34",
        _ when type.IsEnum => Enum.GetNames(type).First(name => name != current?.ToString()),
        _ when type == typeof(IList<string>) => "chat.v1",
        _ when type == typeof(IList<System.Net.EndPoint>) => "127.0.0.1:3000",
        _ when type == typeof(OriginPolicy) => "Any",
        _ when type == typeof(ITransport) => "Sockets",
        _ => null,
    };

    private static async Task<bool> IsAllowedAsync(TestHost host, string origin)
    {
        await using var client = host.Transport.Connect();
        await client.SendAsync(WireClient.Handshake + $"Origin: {origin}\r\n\r\n");
        return (await client.ReadHeadAsync()).StartsWith("HTTP/1.1 101", StringComparison.Ordinal);
    }
}
