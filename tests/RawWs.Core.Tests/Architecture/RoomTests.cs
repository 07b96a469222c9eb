using Mono.Cecil;
using Mono.Cecil.Cil;
using RawWs.Testing;

namespace RawWs.Tests.Architecture;

/// <summary>
/// The rooms of the library and who may use whom. A room is a folder of the source, and a type belongs to the folder of the file that has its name.
/// </summary>
public sealed class RoomTests
{
    private static readonly string Source = Path.Combine(RepositoryRoot.Path, "src", "RawWs.Core");

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Protocol"] = [],
        ["Transport"] = [],
        ["Diagnostics"] = ["Protocol"],
        ["Compression"] = ["Protocol"],
        ["Connections"] = ["Compression", "Protocol", "Transport", "Diagnostics"],
        ["Rooms"] = ["Connections", "Protocol", "Diagnostics"],
        ["Http"] = ["Protocol", "Transport", "Diagnostics"],
        ["Server"] = ["Http", "Rooms", "Connections", "Compression", "Protocol", "Transport", "Diagnostics"],
    };

    // What a room must not even know of, by the beginning of a name.
    private static readonly string[] SocketsTasksClocksLogs =
    [
        "System.Net.Sockets", "System.Threading.Tasks", "System.TimeProvider", "System.DateTime.", "System.Random", "Microsoft.Extensions.Logging",
        "System.IO.Pipelines",
    ];

    private static readonly Dictionary<string, string[]> MustNotKnow = new()
    {
        ["Protocol"] = SocketsTasksClocksLogs,
        ["Compression"] = SocketsTasksClocksLogs,
        ["Connections"] = ["System.Net.Sockets"],
        ["Http"] = ["System.Net.Sockets"],
        ["Rooms"] = ["System.Net.Sockets", "System.IO.Pipelines"],
    };

    [Fact]
    public void Every_type_has_a_file_of_its_name_in_a_room()
    {
        var rooms = RoomsByType();
        var homeless = Types().Select(NameOf).Where(name => !rooms.ContainsKey(name));

        Assert.Empty(homeless);
        Assert.Empty(rooms.Values.Distinct().Except(MayUse.Keys));
    }

    [Fact]
    public void Every_room_uses_only_the_rooms_below_it()
    {
        var rooms = RoomsByType();
        var arrows =
            from type in Types()
            from used in UsedBy(type)
            let name = NameOf(used)
            where used.Scope == type.Module && rooms.ContainsKey(name)
            let room = rooms[NameOf(type)]
            let other = rooms[name]
            where room != other && !MayUse[room].Contains(other)
            select $"{room}/{NameOf(type)} uses {other}/{name}";

        Assert.Empty(arrows.Distinct());
    }

    [Fact]
    public void No_room_knows_what_it_must_not()
    {
        var rooms = RoomsByType();
        var leaks =
            from type in Types()
            where MustNotKnow.ContainsKey(rooms[NameOf(type)])
            from used in UsedBy(type)
            from forbidden in MustNotKnow[rooms[NameOf(type)]]
            where used.FullName.StartsWith(forbidden, StringComparison.Ordinal)
            select $"{NameOf(type)} uses {used.FullName}";

        Assert.Empty(leaks.Distinct());
    }

    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        var files = Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.cs", SearchOption.AllDirectories).Where(IsSource);
        Assert.DoesNotContain(files, file => File.ReadLines(file).Count() > 400);
    }

    private static Dictionary<string, string> RoomsByType()
        => Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Where(IsSource)
            .Select(file => (Type: Path.GetFileName(file).Split('.')[0], Room: Path.GetRelativePath(Source, file).Split(Path.DirectorySeparatorChar)[0]))
            .Distinct()
            .ToDictionary(pair => pair.Type, pair => pair.Room, StringComparer.Ordinal);

    private static bool IsSource(string file)
        => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    private static IEnumerable<TypeDefinition> Types()
    {
        var module = ModuleDefinition.ReadModule(typeof(WebSocketServer).Assembly.Location);
        return module.Types.Where(type => type.Namespace.StartsWith("RawWs", StringComparison.Ordinal));
    }

    private static string NameOf(TypeReference type)
    {
        var outermost = type.GetElementType();
        while (outermost.DeclaringType is not null)
            outermost = outermost.DeclaringType;

        return outermost.Name.Split('`')[0];
    }

    private static IEnumerable<TypeReference> UsedBy(TypeDefinition type)
        => type.NestedTypes.SelectMany(UsedBy)
            .Concat(type.Interfaces.Select(implemented => implemented.InterfaceType))
            .Concat(type.BaseType is null ? [] : [type.BaseType])
            .Concat(type.Fields.Select(field => field.FieldType))
            .Concat(type.Methods.SelectMany(UsedBy))
            .SelectMany(WithArguments);

    private static IEnumerable<TypeReference> UsedBy(MethodDefinition method)
        => method.Parameters.Select(parameter => parameter.ParameterType)
            .Append(method.ReturnType)
            .Concat(method.HasBody ? method.Body.Variables.Select(variable => variable.VariableType) : [])
            .Concat(method.HasBody ? method.Body.Instructions.SelectMany(UsedBy) : []);

    private static IEnumerable<TypeReference> UsedBy(Instruction instruction) => instruction.Operand switch
    {
        TypeReference used => [used],
        MethodReference used => [used.DeclaringType, used.ReturnType, .. used.Parameters.Select(parameter => parameter.ParameterType)],
        FieldReference used => [used.DeclaringType, used.FieldType],
        _ => [],
    };

    private static IEnumerable<TypeReference> WithArguments(TypeReference type)
        => type is GenericInstanceType generic ? generic.GenericArguments.SelectMany(WithArguments).Append(type) : [type];
}
